"""The words of the generated company: goods, people, places, and the traps that real administrations hold."""

from __future__ import annotations

GOODS: tuple[tuple[str, str, int, float], ...] = (
    # noun, item group, VAT class (0 = high, 1 = low), typical price
    ("Tuinstoel", "TUIN", 0, 39.95),
    ("Tuintafel", "TUIN", 0, 129.0),
    ("Parasol", "TUIN", 0, 59.5),
    ("Bloempot", "TUIN", 0, 7.95),
    ("Gieter", "TUIN", 0, 11.25),
    ("Theelicht", "KAARS", 0, 0.49),
    ("Stompkaars", "KAARS", 0, 2.75),
    ("Lantaarn", "KAARS", 0, 14.95),
    ("Kussen", "TEXTIEL", 0, 12.5),
    ("Plaid", "TEXTIEL", 0, 19.95),
    ("Gordijn", "TEXTIEL", 0, 34.5),
    ("Beker", "SERVIES", 0, 3.25),
    ("Bord", "SERVIES", 0, 4.1),
    ("Schaal", "SERVIES", 0, 9.95),
    ("Wijnglas", "GLAS", 0, 2.95),
    ("Vaas", "GLAS", 0, 8.75),
    ("Chocoladereep", "FOOD", 1, 1.15),
    ("Theezakjes", "FOOD", 1, 2.05),
    ("Olijfolie", "FOOD", 1, 6.8),
    ("Kookboek", "BOEK", 1, 17.99),
    ("Wenskaart", "BOEK", 0, 1.35),
    ("Opbergdoos", "WONEN", 0, 6.95),
    ("Wandklok", "WONEN", 0, 24.95),
    ("Spiegel", "WONEN", 0, 44.95),
    ("Schroevenset", "IJZER", 0, 5.25),
    ("Hamer", "IJZER", 0, 13.9),
)
GROUPS: tuple[tuple[str, str], ...] = (
    ("TUIN", "Tuin en buitenleven"),
    ("KAARS", "Kaarsen en sfeer"),
    ("TEXTIEL", "Textiel"),
    ("SERVIES", "Servies"),
    ("GLAS", "Glaswerk"),
    ("FOOD", "Food & geschenken"),
    ("BOEK", "Boeken en kaarten"),
    ("WONEN", "Wonen"),
    ("IJZER", "IJzerwaren"),
    ("DIENST", "Diensten"),
    ("EMB", "Emballage"),
    ("OVERIG", "Overige"),
)
COLOURS: tuple[tuple[str, str], ...] = (
    ("RD", "rood"), ("BL", "blauw"), ("GR", "groen"), ("ZW", "zwart"), ("WT", "wit"),
    ("GL", "geel"), ("NT", "naturel"), ("TP", "taupe"),
)  # fmt: skip
MATERIALS: tuple[tuple[str, str], ...] = (
    ("TEAK", "teak"), ("MET", "metaal"), ("KER", "keramiek"), ("KAT", "katoen"), ("GLS", "glas"),
    ("KST", "kunststof"), ("BAM", "bamboe"), ("PAP", "papier"),
)  # fmt: skip
BRANDS: tuple[str, ...] = ("Zuiderlicht", "Noordkaap", "Atelier Bré", "Ørsted Home", "De Werf", "Müller", "Casa Señora")
SIZES: tuple[str, ...] = ("10 cm", "15 cm", "20x30 cm", "45x45 cm", "60x60 cm", "0,5 l", "1,5 l", "250 g", "set van 4")
SEASONS: tuple[tuple[str, str], ...] = (("VJ", "Voorjaar"), ("ZO", "Zomer"), ("HE", "Herfst"), ("WI", "Winter"))

FREE_FIELD_LABELS: dict[int, str] = {
    1: "Merk", 2: "Inhoud", 3: "In folder", 4: "Verpakkingseenheid", 5: "Artikelstatus", 6: "Leverancierskleur",
    7: "Toevoeging", 11: "Volgorde", 12: "Doosinhoud", 13: "Diameter", 19: "Introductiedatum", 20: "Laatste leverdatum",
    24: "In app", 25: "Actie", 26: "Breekbaar",
}  # fmt: skip
"""Captions of the items' free fields by number: 1-10 text, 11-18 number, 19-23 date, 24-28 yes/no."""

FIRST_NAMES = (
    "Jan", "Eva", "Sanne", "Kees", "Zoë", "Mehmet", "Anouk", "Bram", "Fatima", "Joost", "Lotte", "Søren", "René",
    "Wim", "Inge", "Thijs", "Noor", "Maaike", "Daan", "Femke",
)  # fmt: skip
LAST_NAMES = (
    ("", "Vos"), ("", "Jansen"), ("de", "Vries"), ("van der", "Berg"), ("", "Bakker"), ("van", "Dijk"), ("", "Yılmaz"),
    ("", "Smit"), ("den", "Hartog"), ("", "Müller"), ("ter", "Haar"), ("", "O'Brien"), ("", "Núñez"), ("", "Kuipers"),
)  # fmt: skip
TITLES = ("Inkoper", "Directeur", "Winkelmanager", "Administratie", None)
TRADES = (
    "Tuincentrum", "Bloemenhuis", "Woonwinkel", "Cadeaushop", "Boekhandel", "Kookwinkel", "Bazar", "Warenhuis",
    "Horecagroothandel", "Hotel", "Bakkerij", "IJzerhandel",
)  # fmt: skip
TRADE_NAMES = (
    "De Linde", "'t Hoekje", "Van Dam", "Zonneschijn", "Het Anker", "Jansen & Zn.", "De Gouden Eeuw", "Noord", "Zuid",
    "Café Zoë", "Bij de Brug", "De Tuinkamer", "Oud & Nieuw", "Het Oosten", "Molenzicht", "Prinsenhof",
)  # fmt: skip
LEGAL = ("B.V.", "V.O.F.", "", "", "BV", "Holding B.V.")
STREETS = (
    "Dorpsstraat", "Kerkstraat", "Molenweg", "Stationsplein", "Industrieweg", "Lange Nieuwstraat", "Burg. Röellstraat",
    "Hoofdweg", "Marktplein", "Havenkade",
)  # fmt: skip
CITIES: dict[str, tuple[str, ...]] = {
    "NL": ("Amsterdam", "Utrecht", "'s-Hertogenbosch", "Groningen", "Zwolle", "Sint-Michielsgestel", "Súdwest-Fryslân"),
    "BE": ("Antwerpen", "Gent", "Liège"),
    "DE": ("Köln", "München", "Düsseldorf"),
    "FR": ("Lille", "Saint-Étienne"),
    "GB": ("London", "Leeds"),
    "CH": ("Zürich",),
    "US": ("New York",),
    "SE": ("Malmö",),
}
COUNTRY_NAMES = {
    "NL": "Nederland", "BE": "België", "DE": "Duitsland", "FR": "Frankrijk", "GB": "Verenigd Koninkrijk",
    "CH": "Zwitserland", "US": "Verenigde Staten", "SE": "Zweden", "CN": "China", "ES": "Spanje", "IT": "Italië",
}  # fmt: skip
LANGUAGE_NAMES = {"NL": "Nederlands", "EN": "Engels", "DE": "Duits", "FR": "Frans", "FR-BE": "Frans (België)"}
ODD_NAMES = (
    "Ångström Interiör AB", "Müller & Söhne GmbH", "Żółta Łódź Sp. z o.o.", "Ça Va? SARL", "株式会社東京",
    "<b>Vet</b> B.V.",
    'De "Gouden" Kat', "O'Neill's", "100% Katoen; Textiel", "  Spatie vooraf", "Emoji 🌷 Bloemen", "Àéîõü",
)  # fmt: skip
ODD_ITEMS: tuple[tuple[str, str], ...] = (
    ("000123", "Voorloopnullen doos"),
    ("AB/12", "Schuine streep code"),
    ("KLEIN-letter", "Code met kleine letters"),
    ("klein-LETTER2", "Zelfde code, ander nummer"),
    ("A&B+C", "Ampersand & plus"),
    ("O'TEST", "Apostrof in de code"),
    ("MET SPATIE 1", "Code met spaties"),
    ("É-ACCENT", "Été fles 0,5 l – special"),
    ("100%KAT", "100% katoen; doek <wit>"),
    ("EMOJI", 'Kaart 🌷 "Bloemen"'),
    ("1.000,50", "Code als bedrag"),
    ("X", "Korte code"),
)

_ENGLISH = {
    "Tuinstoel": "Garden chair", "Tuintafel": "Garden table", "Bloempot": "Flowerpot", "Gieter": "Watering can",
    "Theelicht": "Tealight", "Stompkaars": "Pillar candle", "Lantaarn": "Lantern", "Kussen": "Cushion",
    "Gordijn": "Curtain", "Beker": "Mug", "Bord": "Plate", "Schaal": "Bowl", "Wijnglas": "Wine glass", "Vaas": "Vase",
    "Chocoladereep": "Chocolate bar", "Theezakjes": "Tea bags", "Olijfolie": "Olive oil", "Kookboek": "Cookbook",
    "Wenskaart": "Greeting card", "Opbergdoos": "Storage box", "Wandklok": "Wall clock", "Spiegel": "Mirror",
    "Schroevenset": "Screw set", "Hamer": "Hammer", "rood": "red", "blauw": "blue", "groen": "green", "zwart": "black",
    "wit": "white", "geel": "yellow", "naturel": "natural", "metaal": "metal", "keramiek": "ceramic",
    "katoen": "cotton", "glas": "glass", "kunststof": "plastic", "bamboe": "bamboo", "papier": "paper",
}  # fmt: skip
_GERMAN = {
    "Tuinstoel": "Gartenstuhl", "Tuintafel": "Gartentisch", "Parasol": "Sonnenschirm", "Bloempot": "Blumentopf",
    "Gieter": "Gießkanne", "Theelicht": "Teelicht", "Stompkaars": "Stumpenkerze", "Lantaarn": "Laterne",
    "Kussen": "Kissen", "Plaid": "Decke", "Gordijn": "Vorhang", "Beker": "Becher", "Bord": "Teller", "Schaal": "Schale",
    "Wijnglas": "Weinglas", "Chocoladereep": "Schokoladentafel", "Theezakjes": "Teebeutel", "Olijfolie": "Olivenöl",
    "Kookboek": "Kochbuch", "Wenskaart": "Grußkarte", "Opbergdoos": "Aufbewahrungsbox", "Wandklok": "Wanduhr",
    "Schroevenset": "Schraubensatz", "rood": "rot", "blauw": "blau", "groen": "grün", "zwart": "schwarz",
    "wit": "weiß", "geel": "gelb", "metaal": "Metall", "keramiek": "Keramik", "katoen": "Baumwolle", "papier": "Papier",
}  # fmt: skip
_FRENCH = {
    "Tuinstoel": "Chaise de jardin", "Tuintafel": "Table de jardin", "Bloempot": "Pot de fleurs", "Gieter": "Arrosoir",
    "Theelicht": "Bougie chauffe-plat", "Lantaarn": "Lanterne", "Kussen": "Coussin", "Gordijn": "Rideau",
    "Beker": "Gobelet", "Bord": "Assiette", "Schaal": "Plat", "Wijnglas": "Verre à vin", "Olijfolie": "Huile d'olive",
    "Kookboek": "Livre de cuisine", "Spiegel": "Miroir", "Hamer": "Marteau", "rood": "rouge", "blauw": "bleu",
    "groen": "vert", "zwart": "noir", "wit": "blanc", "geel": "jaune", "metaal": "métal", "katoen": "coton",
}  # fmt: skip
_WORDS = {"EN": _ENGLISH, "DE": _GERMAN, "FR": _FRENCH}


def translate(text: str, language: str) -> str:
    """Return an item text in another language (EN, DE, FR, FR-BE); words without a translation stay Dutch."""
    words = _WORDS.get(language.strip().upper().split("-")[0])
    if words is None:
        return text
    return " ".join(words.get(word, words.get(word.rstrip(","), word)) for word in text.split(" "))


def ean13(number: int) -> str:
    """Return a Dutch EAN-13 code with its check digit for a running number."""
    digits = f"87{number % 10**10:010d}"
    total = sum(int(digit) * (3 if position % 2 else 1) for position, digit in enumerate(digits))
    return f"{digits}{-total % 10}"
