"""Exact's own words, in five languages: what they say, what they are about, and whether they judge a record."""

from __future__ import annotations

import pytest

from exact_connector.exact.http.business_terms import PROBLEM_WORDS, SUBJECT_WORDS, Problem, Subject, plain, words_of
from exact_connector.exact.http.business_texts import explain, first_code, judges_record

PUBLISHED = [
    ("Niet gevonden: Inkoopprijs", "PURCHASE_PRICE_MISSING", Subject.PURCHASE_PRICE),
    ("Artikel: Non actief", "ITEM_NOT_ACTIVE", Subject.ITEM),
    ("Artikel: Toekomstig", "ITEM_NOT_ACTIVE", Subject.ITEM),
    ("Geblokkeerd: Btw code (00E)", "VAT_CODE_BLOCKED", Subject.VAT_CODE),
    ("Geblokkeerd: Btw code 10E", "VAT_CODE_BLOCKED", Subject.VAT_CODE),
    ("Klant: non-actief", "ACCOUNT_NOT_ACTIVE", Subject.CUSTOMER),
    ("Leverancier: Non actief", "ACCOUNT_NOT_ACTIVE", Subject.SUPPLIER),
    ("Ongeldige referentie: Btw-code", "REFERENCE_INVALID", Subject.VAT_CODE),
    ("Ongeldige referentie: Betalingsconditie", "REFERENCE_INVALID", Subject.PAYMENT_CONDITION),
    ("Ongeldige referentie: Leveren aan", "REFERENCE_INVALID", Subject.DELIVER_TO),
    ("Ongeldig grootboekrekeningtype", "REFERENCE_INVALID", Subject.GL_ACCOUNT),
    ("Ongeldig: Klant (Type)", "REFERENCE_INVALID", Subject.CUSTOMER),
    ("Ongeldig: Btw-percentage []", "REFERENCE_INVALID", Subject.VAT_CODE),
    ("Ongeldig: Besteld door (Einddatum)", "ACCOUNT_NOT_ACTIVE", Subject.CUSTOMER),
    ("Te lang: Uw ref.", "FIELD_TOO_LONG", Subject.REFERENCE),
    ("In gebruik: Boekstuknummer", "ALREADY_EXISTS", Subject.DOCUMENT_NUMBER),
    ("Bestaat reeds: Mandaat referentie", "ALREADY_EXISTS", Subject.MANDATE),
    ("Gegeven bestaat reeds.", "ALREADY_EXISTS", Subject.RECORD),
    ("Reeds verwerkt", "ALREADY_PROCESSED", None),
    ("Verplicht: Inkoop", "ITEM_NOT_PURCHASED", Subject.PURCHASE),
    ("Verplicht: Soort betaling", "FIELD_MANDATORY", Subject.PAYMENT_CONDITION),
    ("Het artikel en het magazijn zijn niet gekoppeld.", "ITEM_NOT_IN_WAREHOUSE", Subject.WAREHOUSE),
    ("Het artikel en de leverancier zijn niet gekoppeld", "ITEM_NOT_AT_SUPPLIER", Subject.SUPPLIER),
    ("Periode is afgesloten: 2024 - 5", "PERIOD_CLOSED", Subject.PERIOD),
    ("Not allow to update in Basic : Warehouse", "NOT_IN_EDITION", Subject.WAREHOUSE),
    ("Unknown: Financial year (Period-date table)", "REFERENCE_NOT_FOUND", Subject.PERIOD),
    ("Already exists - Entry number: 20260001, Journal: 700", "ALREADY_EXISTS", Subject.DOCUMENT_NUMBER),
    ("Not found: Account (Jansen) - G/L Account: Sales", "REFERENCE_NOT_FOUND", Subject.ACCOUNT),
    ("Not allowed: VAT code", "FIELD_NOT_ALLOWED", Subject.VAT_CODE),
    ("Required: Journal", "FIELD_MANDATORY", Subject.JOURNAL),
    ("Invalid: Customer (Type)", "REFERENCE_INVALID", Subject.CUSTOMER),
    ("Invalid: Cost center link", "REFERENCE_INVALID", Subject.COST_CENTER),
    ("Invalid: Email []", "REFERENCE_INVALID", Subject.EMAIL),
    ("Invalid: Post to callback URL endpoint returns 500 An error occurred", "CALLBACK_REFUSED", None),
    ("Ungültig: Kunde (Typ)", "REFERENCE_INVALID", Subject.CUSTOMER),
    ("Obligatorisch: Zahlungsbedingung", "FIELD_MANDATORY", Subject.PAYMENT_CONDITION),
]
"""Texts that vendors of connectors publish, and Exact's own."""

FAMILY = [
    ("Verplicht: Besteld door", "FIELD_MANDATORY", Subject.CUSTOMER),
    ("Mandatory: Ordered by", "FIELD_MANDATORY", Subject.CUSTOMER),
    ("Obligatoire : Commandé par", "FIELD_MANDATORY", Subject.CUSTOMER),
    ("Erforderlich: Bestellt von", "FIELD_MANDATORY", Subject.CUSTOMER),
    ("Obligatorio: Pedido por", "FIELD_MANDATORY", Subject.CUSTOMER),
    ("Te lang: Omschrijving", "FIELD_TOO_LONG", Subject.DESCRIPTION),
    ("Too long: Your ref.", "FIELD_TOO_LONG", Subject.REFERENCE),
    ("Trop long : Votre réf.", "FIELD_TOO_LONG", Subject.REFERENCE),
    ("Zu lang: Ihre Referenz", "FIELD_TOO_LONG", Subject.REFERENCE),
    ("Demasiado largo: Su ref.", "FIELD_TOO_LONG", Subject.REFERENCE),
    ("Geblokkeerd: Factuur voor", "ACCOUNT_BLOCKED", Subject.INVOICE_TO),
    ("Blocked: Item", "ITEM_BLOCKED", Subject.ITEM),
    ("Bloqué : Client", "ACCOUNT_BLOCKED", Subject.CUSTOMER),
    ("Gesperrt: Lieferant", "ACCOUNT_BLOCKED", Subject.SUPPLIER),
    ("Bloqueado: Código de IVA", "VAT_CODE_BLOCKED", Subject.VAT_CODE),
    ("Geblokkeerd: Kostenplaats", "REFERENCE_BLOCKED", Subject.COST_CENTER),
    ("Bestaat al: Relatiecode", "ALREADY_EXISTS", Subject.CODE),
    ("Already exists: Code", "ALREADY_EXISTS", Subject.CODE),
    ("Existe déjà : Code", "ALREADY_EXISTS", Subject.CODE),
    ("Bereits vorhanden: Code", "ALREADY_EXISTS", Subject.CODE),
    ("Ya existe: Código", "ALREADY_EXISTS", Subject.CODE),
    ("Niet gevonden: Magazijn", "REFERENCE_NOT_FOUND", Subject.WAREHOUSE),
    ("Introuvable : Entrepôt", "REFERENCE_NOT_FOUND", Subject.WAREHOUSE),
    ("Nicht gefunden: Lager", "REFERENCE_NOT_FOUND", Subject.WAREHOUSE),
    ("No encontrado: Almacén", "REFERENCE_NOT_FOUND", Subject.WAREHOUSE),
    ("Référence non valide : Condition de paiement", "REFERENCE_INVALID", Subject.PAYMENT_CONDITION),
    ("Ungültige Referenz: Währung", "REFERENCE_INVALID", Subject.CURRENCY),
    ("Referencia no válida: Moneda", "REFERENCE_INVALID", Subject.CURRENCY),
    ("Item: Inactive", "ITEM_NOT_ACTIVE", Subject.ITEM),
    ("Item: Future", "ITEM_NOT_ACTIVE", Subject.ITEM),
    ("Client : Inactif", "ACCOUNT_NOT_ACTIVE", Subject.CUSTOMER),
    ("Kunde: Nicht aktiv", "ACCOUNT_NOT_ACTIVE", Subject.CUSTOMER),
    ("Artículo: Inactivo", "ITEM_NOT_ACTIVE", Subject.ITEM),
    ("Betalingsconditie: Non actief", "REFERENCE_NOT_ACTIVE", Subject.PAYMENT_CONDITION),
    ("Ongeldig: Artikel A-10 - Niet actief", "ITEM_NOT_ACTIVE", Subject.ITEM),
    ("Ongeldig: Artikel - Geen inkoopartikel", "ITEM_NOT_PURCHASED", Subject.PURCHASE),
    ("Invalid: Item - Not a sales item", "ITEM_NOT_SOLD", Subject.SALE),
    ("Verplicht: Verkoop", "ITEM_NOT_SOLD", Subject.SALE),
    ("Verplicht: Achternaam", "FIELD_MANDATORY", Subject.LAST_NAME),
    ("Te lang: Postcode", "FIELD_TOO_LONG", Subject.POSTCODE),
    ("Ongeldig: Land", "REFERENCE_INVALID", Subject.COUNTRY),
    ("Ongeldig: Btw-nummer", "REFERENCE_INVALID", Subject.VAT_NUMBER),
    ("L'article et le fournisseur ne sont pas liés", "ITEM_NOT_AT_SUPPLIER", Subject.SUPPLIER),
    ("Der Artikel und das Lager sind nicht verknüpft.", "ITEM_NOT_IN_WAREHOUSE", Subject.WAREHOUSE),
    ("Item A-1 is not linked to supplier 70", "ITEM_NOT_AT_SUPPLIER", Subject.SUPPLIER),
    ("Klant is geblokkeerd", "ACCOUNT_BLOCKED", Subject.CUSTOMER),
    ("VAT code is blocked: 4", "VAT_CODE_BLOCKED", Subject.VAT_CODE),
    ("Purchase price not found", "PURCHASE_PRICE_MISSING", Subject.PURCHASE_PRICE),
    ("Artikel niet actief / toekomstig: A-1", "ITEM_NOT_ACTIVE", Subject.ITEM),
    ("Kredietlimiet overschreden", "CREDIT_LIMIT", Subject.CREDIT_LIMIT),
    ("Voorraad onvoldoende", "STOCK_INSUFFICIENT", Subject.STOCK),
    ("Data already exists.", "ALREADY_EXISTS", Subject.RECORD),
    ("Der Zeitraum ist abgeschlossen", "PERIOD_CLOSED", Subject.PERIOD),
    ("Mandatory: Something new", "FIELD_MANDATORY", None),
]

STUMBLES = [
    "Object reference not set to an instance of an object.",
    "De objectverwijzing is niet op een exemplaar ingesteld.",
    "Timeout expired.  The timeout period elapsed prior to completion of the operation or the server is not"
    " responding.",
    "Transaction (Process ID 81) was deadlocked on lock resources with another process and has been chosen as the"
    " deadlock victim. Rerun the transaction.",
    "Error occurred while sending a direct message or getting the response.",
    "Server Unavailable",
    "A problem has occurred. The cause of this issue will be investigated as soon as possible.",
    "Er is een probleem opgetreden",
    "An unknown error occurred while the customer was stored",
    "Login failed for the database. The account is blocked.",
    "Violation of PRIMARY KEY constraint. Cannot insert duplicate key: Item already exists.",
    "Invalid: the timeout expired",
    "The connection was closed while the item was not found",
    "Iets wat niemand kent",
    "The type of the code is unknown",
]


@pytest.mark.parametrize(("text", "code", "subject"), [*PUBLISHED, *FAMILY], ids=lambda value: str(value)[:40])
def test_a_text_of_exact_has_a_code_and_a_subject(text: str, code: str, subject: Subject | None) -> None:
    (problem,) = explain(text)
    assert (problem.code, problem.subject, problem.original) == (code, subject, text)
    assert problem.remedy
    assert "{" not in problem.remedy
    assert judges_record(text)


@pytest.mark.parametrize("text", STUMBLES, ids=lambda value: str(value)[:40])
def test_words_that_are_not_about_the_record_are_no_verdict(text: str) -> None:
    assert not judges_record(text)
    assert [problem.code for problem in explain(text)] == ["EXACT_REJECTED"]


def test_the_field_is_kept_as_exact_calls_it() -> None:
    assert [problem.field for problem in explain("Verplicht: Factuur voor")] == ["Factuur voor"]
    assert [problem.field for problem in explain("Klant: Non actief")] == ["Klant"]


@pytest.mark.parametrize(
    "text",
    [
        "Verplicht: Factuur voor\r\nVerplicht: Besteld door\r\n",
        "Verplicht: Factuur voor\nVerplicht: Besteld door",
        "Verplicht: Factuur voor; Verplicht: Besteld door",
        "Mandatory: Invoice to / Mandatory: Ordered by",
    ],
    ids=["CR LF", "LF", "semicolon", "slash"],
)
def test_several_problems_in_one_text_are_several_explanations(text: str) -> None:
    assert [problem.subject for problem in explain(text)] == [Subject.INVOICE_TO, Subject.CUSTOMER]


def test_the_topic_of_the_xml_interface_is_left_out() -> None:
    (problem,) = explain("Onderwerp [GLTransactions] Verplicht: Dagboek")
    assert (problem.subject, problem.original) == (Subject.JOURNAL, "Verplicht: Dagboek")


def test_the_first_problem_that_is_recognised_gives_the_code() -> None:
    assert first_code("Onzin\r\nGegeven bestaat reeds.") == "ALREADY_EXISTS"
    assert first_code("") == "EXACT_REJECTED"


def test_no_text_has_no_explanation() -> None:
    assert explain(" \r\n ") == []
    assert not judges_record("")


@pytest.mark.parametrize("problem", Problem)
def test_a_problem_has_words_in_each_language(problem: Problem) -> None:
    assert len(PROBLEM_WORDS[problem].split("|")) == 5
    assert all(word == plain(word) for word in words_of(PROBLEM_WORDS[problem]))


@pytest.mark.parametrize("subject", Subject)
def test_a_subject_has_words_in_each_language(subject: Subject) -> None:
    assert len(SUBJECT_WORDS[subject].split("|")) == 5
    assert all(word == plain(word) for word in words_of(SUBJECT_WORDS[subject]))
