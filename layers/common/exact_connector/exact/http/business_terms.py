"""The words of Exact's refusals in Dutch, English, French, German and Spanish: kinds of problem, and fields.

Exact writes a refusal as ``<problem>: <field>`` ("Verplicht: Besteld door"), as ``<field>: <state>`` ("Artikel: Non
actief"), or as a sentence ("Het artikel en de leverancier zijn niet gekoppeld"), in the language of the user who
consented. All words here are as ``plain`` writes them: small letters without accents and punctuation.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from enum import Enum

_BREAKS = re.compile(r"[^\w:()\[\]]+|_+")


def plain(text: str) -> str:
    """Return a text in small letters, without accents and with one blank where punctuation was."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return _BREAKS.sub(" ", kept).strip()


class Problem(Enum):
    """What is wrong with a field."""

    MANDATORY = "mandatory"
    INVALID_REFERENCE = "invalid reference"
    INVALID = "invalid"
    TOO_LONG = "too long"
    TOO_SHORT = "too short"
    OUT_OF_RANGE = "out of range"
    BLOCKED = "blocked"
    EXISTS = "exists"
    IN_USE = "in use"
    NOT_FOUND = "not found"
    INACTIVE = "inactive"
    FUTURE = "future"
    NOT_ALLOWED = "not allowed"
    NOT_LINKED = "not linked"
    CLOSED = "closed"
    EXCEEDED = "exceeded"
    INSUFFICIENT = "insufficient"
    PROCESSED = "processed"


class Subject(Enum):
    """What a refusal is about: a field or a record of the documents that the connector writes."""

    CUSTOMER = "customer"
    SUPPLIER = "supplier"
    ACCOUNT = "account"
    INVOICE_TO = "invoice account"
    DELIVER_TO = "delivery account"
    CONTACT = "contact"
    DELIVERY_ADDRESS = "delivery address"
    ADDRESS = "address"
    ITEM = "item"
    LINE = "line"
    QUANTITY = "quantity"
    UNIT = "unit"
    PURCHASE_PRICE = "purchase price"
    PRICE = "price"
    DISCOUNT = "discount"
    VAT_CODE = "VAT code"
    VAT_NUMBER = "VAT number"
    WAREHOUSE = "warehouse"
    STOCK = "stock"
    PAYMENT_CONDITION = "payment condition"
    SHIPPING_METHOD = "shipping method"
    CURRENCY = "currency"
    EXCHANGE_RATE = "exchange rate"
    PRICE_LIST = "price list"
    REFERENCE = "reference"
    DESCRIPTION = "description"
    NOTES = "notes"
    ORDER_DATE = "order date"
    DELIVERY_DATE = "delivery date"
    RECEIPT_DATE = "receipt date"
    END_DATE = "end date"
    START_DATE = "start date"
    DATE = "date"
    PERIOD = "period"
    JOURNAL = "journal"
    GL_ACCOUNT = "ledger account"
    COST_CENTER = "cost centre"
    COST_UNIT = "cost unit"
    PROJECT = "project"
    SALESPERSON = "salesperson"
    DOCUMENT_NUMBER = "document number"
    ORDER_NUMBER = "order number"
    CREDIT_LIMIT = "credit limit"
    MANDATE = "mandate"
    BANK_ACCOUNT = "bank account"
    PURCHASE = "the mark Purchase"
    SALE = "the mark Sales"
    CODE = "code"
    NAME = "name"
    FIRST_NAME = "first name"
    LAST_NAME = "last name"
    EMAIL = "e-mail"
    PHONE = "telephone"
    STREET = "street"
    POSTCODE = "postcode"
    CITY = "city"
    STATE = "state"
    COUNTRY = "country"
    LANGUAGE = "language"
    CLASSIFICATION = "classification"
    INCOTERM = "incoterm"
    TYPE = "type"
    STATUS = "status"
    RECORD = "record"


PROBLEM_WORDS: Mapping[Problem, str] = {
    Problem.MANDATORY: """
        verplicht, verplicht veld, vereist | mandatory, mandatory field, required, required field
        | obligatoire, champ obligatoire, requis, requise | obligatorisch, erforderlich, pflichtfeld, verpflichtend
        | obligatorio, obligatoria, campo obligatorio, requerido, requerida""",
    Problem.INVALID_REFERENCE: """
        ongeldige referentie, ongeldige verwijzing | invalid reference
        | reference non valide, reference invalide, reference incorrecte
        | ungultige referenz, ungueltige referenz, ungultiger verweis, ungueltiger verweis
        | referencia no valida, referencia invalida""",
    Problem.INVALID: """
        ongeldig, ongeldige, ongeldige waarde, niet geldig | invalid, invalid value, not valid
        | non valide, invalide, non valable, valeur non valide
        | ungultig, ungueltig, ungultiger wert, ungueltiger wert, nicht gultig
        | no valido, no valida, invalido, invalida, valor no valido""",
    Problem.TOO_LONG: """
        te lang | too long | trop long, trop longue | zu lang | demasiado largo, demasiado larga""",
    Problem.TOO_SHORT: """
        te kort | too short | trop court, trop courte | zu kurz | demasiado corto, demasiado corta""",
    Problem.OUT_OF_RANGE: """
        te groot, te klein, te hoog, te laag, buiten bereik, negatief
        | too large, too big, too small, too high, too low, out of range, negative
        | trop grand, trop grande, trop petit, trop petite, trop eleve, hors limites, negatif
        | zu gross, zu klein, zu hoch, zu niedrig, negativ
        | demasiado grande, demasiado pequeno, demasiado alto, demasiado bajo, fuera de rango, negativo""",
    Problem.BLOCKED: """
        geblokkeerd | blocked | bloque, bloquee, bloques | gesperrt, blockiert | bloqueado, bloqueada""",
    Problem.EXISTS: """
        bestaat reeds, bestaat al, reeds aanwezig, niet uniek | already exists, exists already, not unique
        | existe deja, existent deja, deja existant, deja existante
        | bereits vorhanden, existiert bereits, besteht bereits, bestehen bereits, schon vorhanden
        | ya existe, ya existen""",
    Problem.IN_USE: """
        in gebruik, wordt gebruikt, reeds gebruikt, al in gebruik, reeds in gebruik
        | in use, is being used, already used, already in use
        | en cours d utilisation, deja utilise, deja utilisee, en utilisation
        | in gebrauch, in verwendung, wird verwendet, bereits verwendet, bereits in verwendung
        | en uso, ya utilizado, ya utilizada, ya en uso""",
    Problem.NOT_FOUND: """
        niet gevonden, onbekend, bestaat niet | not found, unknown, does not exist
        | non trouve, non trouvee, introuvable, inconnu, inconnue, n existe pas
        | nicht gefunden, unbekannt, existiert nicht, nicht vorhanden
        | no encontrado, no encontrada, desconocido, desconocida, no existe""",
    Problem.INACTIVE: """
        non actief, niet actief, inactief, niet meer actief, verlopen
        | not active, inactive, non active, no longer active, expired
        | non actif, non active, inactif, inactive, expire, expiree
        | nicht aktiv, inaktiv, abgelaufen | no activo, no activa, inactivo, inactiva, caducado, caducada""",
    Problem.FUTURE: """
        toekomstig, nog niet actief | future, not yet active | futur, future, pas encore actif
        | zukunftig, zukuenftig, kunftig, noch nicht aktiv | futuro, futura""",
    Problem.NOT_ALLOWED: """
        niet toegestaan, niet toegelaten | not allowed, not permitted | non autorise, non autorisee, non permis
        | nicht erlaubt, nicht zulassig, nicht zulaessig, nicht gestattet, unzulassig | no permitido, no permitida""",
    Problem.NOT_LINKED: """
        niet gekoppeld | not linked | pas lies, pas lie, pas liees, non lies, non lie, non liees
        | nicht verknupft, nicht verknuepft, nicht gekoppelt, nicht verbunden
        | no vinculado, no vinculados, no estan vinculados, no esta vinculado""",
    Problem.CLOSED: """
        afgesloten, gesloten | closed, locked | cloture, cloturee, ferme, fermee
        | abgeschlossen, geschlossen | cerrado, cerrada""",
    Problem.EXCEEDED: """
        overschreden | exceeded | depasse, depassee | uberschritten, ueberschritten | superado, excedido""",
    Problem.INSUFFICIENT: """
        onvoldoende, niet toereikend | insufficient, not enough | insuffisant, insuffisante, pas assez
        | unzureichend, nicht ausreichend, nicht genugend, nicht genuegend | insuficiente""",
    Problem.PROCESSED: """
        reeds verwerkt, al verwerkt, is verwerkt | already processed, is processed | deja traite, deja traitee
        | bereits verarbeitet | ya procesado, ya procesada""",
}
"""Kinds of problem -> Exact's words for them; languages are divided by bars."""

SUBJECT_WORDS: Mapping[Subject, str] = {
    Subject.CUSTOMER: """
        klant, debiteur, besteld door, orderklant | customer, debtor, ordered by, sold to, order account
        | client, debiteur, commande par, donneur d ordre | kunde, kunden, debitor, bestellt von, auftraggeber
        | cliente, deudor, pedido por""",
    Subject.SUPPLIER: """
        leverancier, crediteur | supplier, vendor, creditor | fournisseur, crediteur
        | lieferant, lieferanten, kreditor | proveedor, acreedor""",
    Subject.ACCOUNT: """
        relatie | account | relation, tiers | konto, relation, beziehung, geschaftspartner | cuenta, relacion""",
    Subject.INVOICE_TO: """
        factuur voor, factuur aan, factureren aan, factuurrelatie
        | invoice to, bill to, invoice account | facturer a, facture a, facturation a
        | rechnung an, rechnungsempfanger | facturar a, factura a""",
    Subject.DELIVER_TO: """
        leveren aan, afleveren aan, afgeleverd aan, geleverd aan
        | deliver to, delivered to, ship to, delivery account | livrer a, livre a, livraison a
        | liefern an, lieferung an, geliefert an | entregar a, entregado a""",
    Subject.CONTACT: """
        contactpersoon, contact | contact person, contact | personne de contact, contact
        | ansprechpartner, kontaktperson, kontakt | persona de contacto, contacto""",
    Subject.DELIVERY_ADDRESS: """
        afleveradres, leveradres, leveringsadres | delivery address, deliver to address, shipping address
        | adresse de livraison | lieferadresse, lieferanschrift | direccion de entrega""",
    Subject.ADDRESS: """
        adres, factuuradres, postadres, bezoekadres, adresregel 1, adresregel 2, adresregel 3
        | address, invoice address, address line 1, address line 2, address line 3 | adresse | adresse, anschrift
        | direccion""",
    Subject.ITEM: """
        artikel, artikelcode, artikelen, product | item, items, item code, product | article, produit, code article
        | artikel, produkt | articulo, producto""",
    Subject.LINE: """
        regel, regels, orderregel, orderregels, offerteregels, factuurregels, inkooporderregel, verkooporderregel
        | line, lines, order lines, sales order lines, purchase order lines, quotation lines
        | ligne, lignes, lignes de commande | zeile, zeilen, position, positionen | linea, lineas""",
    Subject.QUANTITY: """
        aantal, hoeveelheid, aantal in inkoopeenheden | quantity, quantity in purchase units | quantite
        | menge, anzahl | cantidad""",
    Subject.UNIT: """
        eenheid, inkoopeenheid, artikeleenheid, eenheidscode | unit, purchase unit, item unit, unit code
        | unite, unite d achat | einheit, einkaufseinheit | unidad, unidad de compra""",
    Subject.PURCHASE_PRICE: """
        inkoopprijs | purchase price | prix d achat | einkaufspreis | precio de compra""",
    Subject.PRICE: """
        prijs, verkoopprijs, nettoprijs, netto prijs, eenheidsprijs, stukprijs, prijs per eenheid
        | price, net price, unit price, sales price | prix, prix net, prix unitaire, prix de vente
        | preis, nettopreis, einzelpreis, verkaufspreis | precio, precio neto, precio unitario""",
    Subject.DISCOUNT: """
        korting, kortingspercentage | discount, discount percentage | remise, rabais | rabatt | descuento""",
    Subject.VAT_CODE: """
        btw code, btwcode, btw percentage, btw | vat code, vat percentage, vat | code tva, code de tva, tva
        | mwst code, mwst, umsatzsteuer code, steuercode, steuerschlussel, ust code | codigo de iva, codigo iva, iva""",
    Subject.VAT_NUMBER: """
        btw nummer, btwnummer | vat number | numero de tva, numero tva, n tva
        | ust idnr, ust id, umsatzsteuer identifikationsnummer, mwst nummer | numero de iva, nif iva, nif""",
    Subject.WAREHOUSE: """
        magazijn | warehouse | entrepot, magasin, depot | lager, lagerort | almacen""",
    Subject.STOCK: """
        voorraad | stock, inventory | stock | bestand, lagerbestand, vorrat | existencias""",
    Subject.PAYMENT_CONDITION: """
        betalingsconditie, betaalconditie, soort betaling | payment condition, payment conditions, payment terms
        | condition de paiement, conditions de paiement
        | zahlungsbedingung, zahlungskondition, zahlungsbedingungen | condicion de pago, condiciones de pago""",
    Subject.SHIPPING_METHOD: """
        verzendwijze, leveringswijze, verzendmethode | shipping method, delivery method
        | mode d expedition, mode de livraison, methode d expedition | versandart, versandmethode
        | metodo de envio, forma de envio""",
    Subject.CURRENCY: """
        valuta, munt | currency | devise, monnaie | wahrung, waehrung | divisa, moneda""",
    Subject.EXCHANGE_RATE: """
        wisselkoers, koers | exchange rate | taux de change | wechselkurs | tipo de cambio""",
    Subject.PRICE_LIST: """
        prijslijst | price list, pricelist | liste de prix, tarif | preisliste | lista de precios, tarifa""",
    Subject.REFERENCE: """
        uw ref, uw referentie, referentie | your ref, your reference, reference | votre ref, votre reference
        | ihre ref, ihre referenz, ihr zeichen | su ref, su referencia""",
    Subject.DESCRIPTION: """
        omschrijving, beschrijving | description | description, libelle | beschreibung, bezeichnung | descripcion""",
    Subject.NOTES: """
        opmerkingen, opmerking, notities | remarks, remark, notes | remarques, remarque, notes
        | bemerkungen, bemerkung, notizen, anmerkungen | observaciones, notas""",
    Subject.ORDER_DATE: """
        orderdatum, order datum, besteldatum, factuurdatum, offertedatum, retourdatum
        | order date, invoice date, quotation date, return date | date de commande, date de la commande, date de facture
        | auftragsdatum, bestelldatum, rechnungsdatum, angebotsdatum
        | fecha de pedido, fecha del pedido, fecha de factura""",
    Subject.DELIVERY_DATE: """
        leverdatum, leveringsdatum | delivery date | date de livraison | lieferdatum, liefertermin
        | fecha de entrega""",
    Subject.RECEIPT_DATE: """
        ontvangstdatum | receipt date | date de reception | wareneingangsdatum, eingangsdatum, empfangsdatum
        | fecha de recepcion""",
    Subject.END_DATE: """
        einddatum | end date | date de fin | enddatum | fecha final, fecha de fin, fecha fin""",
    Subject.START_DATE: """
        startdatum, begindatum | start date | date de debut | startdatum, anfangsdatum
        | fecha inicial, fecha de inicio""",
    Subject.DATE: """
        datum, vervaldatum | date, due date | date, date d echeance | datum, falligkeitsdatum | fecha""",
    Subject.PERIOD: """
        periode, boekjaar | period, financial year, fiscal year | periode, exercice, exercice comptable
        | periode, zeitraum, geschaftsjahr | periodo, ejercicio""",
    Subject.JOURNAL: """
        dagboek | journal | journal | journal, tagebuch | diario""",
    Subject.GL_ACCOUNT: """
        grootboekrekening, grootboekrekeningtype, grootboek, rekening
        | gl account, g l account, general ledger account, ledger account
        | compte general, compte grand livre, compte du grand livre | sachkonto, hauptbuchkonto
        | cuenta contable, cuenta del libro mayor""",
    Subject.COST_CENTER: """
        kostenplaats | cost center, cost centre, cost center link | centre de couts, centre de cout | kostenstelle
        | centro de coste, centro de costes, centro de costo""",
    Subject.COST_UNIT: """
        kostendrager | cost unit | unite de cout, unite de couts, porteur de couts | kostentrager, kostentraeger
        | unidad de coste, unidad de costo""",
    Subject.PROJECT: """
        project | project | projet | projekt | proyecto""",
    Subject.SALESPERSON: """
        verkoper, vertegenwoordiger, accountmanager | salesperson, sales person, sales representative
        | vendeur, representant | verkaufer, vertreter, vertriebsmitarbeiter | vendedor, comercial""",
    Subject.DOCUMENT_NUMBER: """
        boekstuknummer, documentnummer, factuurnummer | document number, entry number, invoice number
        | numero de piece, numero de document, numero de facture
        | belegnummer, dokumentnummer, rechnungsnummer | numero de documento, numero de asiento, numero de factura""",
    Subject.ORDER_NUMBER: """
        ordernummer | order number | numero de commande | auftragsnummer, bestellnummer | numero de pedido""",
    Subject.CREDIT_LIMIT: """
        kredietlimiet, kredietlijn | credit limit, credit line | limite de credit, ligne de credit | kreditlimit,
        kreditlinie | limite de credito, linea de credito""",
    Subject.MANDATE: """
        mandaat referentie, mandaatreferentie, mandaat | mandate reference, mandate | reference du mandat, mandat
        | mandatsreferenz, mandat | referencia del mandato, mandato""",
    Subject.BANK_ACCOUNT: """
        bankrekening, iban | bank account, iban | compte bancaire | bankkonto | cuenta bancaria""",
    Subject.PURCHASE: """
        inkoop | purchase | achat | einkauf | compra, compras""",
    Subject.SALE: """
        verkoop | sale, sales | vente | verkauf | venta, ventas""",
    Subject.CODE: """
        code, relatiecode | code, account code | code | code | codigo""",
    Subject.NAME: """
        naam | name | nom | name | nombre""",
    Subject.FIRST_NAME: """
        voornaam | first name | prenom | vorname | nombre de pila""",
    Subject.LAST_NAME: """
        achternaam | last name, surname | nom de famille | nachname, familienname | apellido, apellidos""",
    Subject.EMAIL: """
        e mail, email, e mailadres, emailadres | e mail, email, e mail address, email address
        | courriel, adresse e mail, adresse electronique | e mail adresse | correo electronico""",
    Subject.PHONE: """
        telefoon, telefoonnummer | phone, telephone, phone number | telephone, numero de telephone
        | telefon, telefonnummer | telefono""",
    Subject.STREET: """
        straat, huisnummer | street, house number | rue, numero de maison | strasse, hausnummer | calle""",
    Subject.POSTCODE: """
        postcode | postcode, postal code, zip code | code postal | postleitzahl, plz | codigo postal""",
    Subject.CITY: """
        plaats, woonplaats | city, town | ville, localite | ort, stadt | ciudad, poblacion""",
    Subject.STATE: """
        provincie, staat | state, province | province | bundesland | provincia""",
    Subject.COUNTRY: """
        land | country | pays | land | pais""",
    Subject.LANGUAGE: """
        taal | language | langue | sprache | idioma""",
    Subject.CLASSIFICATION: """
        classificatie, classificatie 1, classificatie 2 | classification | classification | klassifizierung,
        klassifikation | clasificacion""",
    Subject.INCOTERM: """
        incoterm, leveringsconditie, leveringsvoorwaarde | incoterm | incoterm | lieferbedingung | incoterm""",
    Subject.TYPE: "type | type | type | typ | tipo",
    Subject.STATUS: "status | status | statut | status | estado",
    Subject.RECORD: """
        gegeven, gegevens, gegevens van | data, record | donnees, donnee, enregistrement | daten, datensatz
        | datos, dato, registro""",
}
"""Subjects -> what Exact calls them; languages are divided by bars."""

TECHNICAL_WORDS = (
    r"dead ?lock|time ?out|timed out|not responding|reageert niet|ne repond pas|antwortet nicht|no responde"
    r"|object reference|objectverwijzing|objektverweis|reference d objet|referencia a objeto"
    r"|server unavailable|service unavailable|temporarily|tijdelijk|temporairement|vorubergehend|temporalmente"
    r"|direct message|try again|probeer het|opnieuw proberen|reessayer|erneut versuchen|intentelo de nuevo"
    r"|a problem has occurred|probleem opgetreden|probleme est survenu|problem ist aufgetreten|problema ha ocurrido"
    r"|investigated as soon as possible|unexpected error|onverwachte fout|erreur inattendue|unerwarteter fehler"
    r"|error inesperado|internal (?:server )?error|interne fout|interner fehler|erreur interne|error interno"
    r"|unknown error|onbekende fout|erreur inconnue|unbekannter fehler|error desconocido"
    r"|transport level|network related|connection (?:was|is) (?:closed|reset|broken|forcibly)|out of memory"
    r"|\bsql\b|\bexception\b|stack trace|primary key|foreign key constraint|arithmetic overflow"
)
"""A pattern of what a server says of itself when it stumbles; that says nothing of the record."""


def words_of(table: str) -> list[str]:
    """Return the words of one entry of the tables, longest first."""
    words = {" ".join(word.split()) for part in table.split("|") for word in part.split(",")}
    return sorted((word for word in words if word), key=lambda word: (-len(word), word))
