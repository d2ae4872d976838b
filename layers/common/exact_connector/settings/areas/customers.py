"""Settings of customers, their classifications, and how accounts are created and updated."""

from __future__ import annotations

from exact_connector.settings import constraints as form
from exact_connector.settings.entry import CUSTOMERS, ORDERS, Area, Entry, Reference

_GL_ACCOUNTS = ("financial/GLAccounts",)

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "GetProspects",
        Area.CUSTOMERS,
        "Prospects too",
        "Adds accounts with the status prospect to the customers.",
        CUSTOMERS,
    ),
    Entry(
        "GetSuspects",
        Area.CUSTOMERS,
        "Suspects too",
        "Adds accounts with the status suspect to the customers.",
        CUSTOMERS,
    ),
    Entry(
        "AddPrefixForProspectsAndSuspects",
        Area.CUSTOMERS,
        "Mark codes of prospects and suspects",
        "Puts P- before the code of a prospect and S- before that of a suspect. Orders may name either form; the mark "
        "goes when the account becomes a customer.",
        CUSTOMERS | ORDERS,
    ),
    Entry(
        "OnlyLoadDealers",
        Area.CUSTOMERS,
        "Resellers only",
        "Leaves out accounts that are not marked as reseller, and marks newly created accounts as one.",
        CUSTOMERS | ORDERS,
    ),
    Entry(
        "AccountClassificationProperty",
        Area.CUSTOMERS,
        "Classification to deliver",
        "Which of the eight classifications of an account is delivered; the first one when empty.",
        CUSTOMERS | ORDERS,
        form.CLASSIFICATION,
    ),
    Entry(
        "AccountClassificationOnCustomerName",
        Area.CUSTOMERS,
        "Classification behind the name",
        "Shows the classification in brackets behind the customer's name. It is taken off again before a name is "
        "written to Exact.",
        CUSTOMERS | ORDERS,
    ),
    Entry(
        "AccountClassificationPropertyForCustomerManager",
        Area.CUSTOMERS,
        "Classification with the manager",
        "Which of the eight classifications names the customer manager; when empty, the delivered one.",
        CUSTOMERS,
        form.CLASSIFICATION,
    ),
    Entry(
        "AccountClassificationOnCustomerManager",
        Area.CUSTOMERS,
        "Manager from a classification",
        "Takes the customer manager from a classification. An account without one goes on to the search code and the "
        "account manager.",
        CUSTOMERS,
    ),
    Entry(
        "SearchCodeOnCustomerManager",
        Area.CUSTOMERS,
        "Manager from the search code",
        "Takes the customer manager from the search code of the account, unless a classification gave one.",
        CUSTOMERS,
    ),
    Entry(
        "CustomCustomerFieldsMapping",
        Area.CUSTOMERS,
        "Extra customer fields",
        "Delivers more properties of accounts, contacts and addresses: each mapping names object, property, type and "
        "the name in the app, and may fill one of our own fields instead.",
        CUSTOMERS,
        form.CUSTOM_FIELDS,
    ),
    Entry(
        "SyncCustomerNotes",
        Area.CUSTOMERS,
        "Customer notes",
        "Delivers communication notes with the customers they belong to.",
        CUSTOMERS,
        calls=("activities/CommunicationNotes",),
    ),
    Entry(
        "UpdateEmailOnlyForCustomer",
        Area.CUSTOMERS,
        "Update the e-mail address only",
        "Limits updates of a customer already delivered, and edits written to Exact, to the e-mail address. Together "
        "with the telephone switch both fields count.",
        CUSTOMERS | ORDERS,
    ),
    Entry(
        "UpdatePhoneOnlyForCustomer",
        Area.CUSTOMERS,
        "Update the telephone number only",
        "Limits updates of a customer already delivered, and edits written to Exact, to the telephone number. Together "
        "with the e-mail switch both fields count.",
        CUSTOMERS | ORDERS,
    ),
    Entry(
        "GLAccountGLARCode",
        Area.CUSTOMERS,
        "Receivables account of new customers",
        "Ledger account for receivables, given to accounts that are created and never to existing ones.",
        ORDERS,
        form.CODE,
        Reference.GL_ACCOUNTS,
        _GL_ACCOUNTS,
    ),
    Entry(
        "GLAccountSalesCode",
        Area.CUSTOMERS,
        "Revenue account of new customers",
        "Ledger account for revenue, given to accounts that are created and never to existing ones.",
        ORDERS,
        form.CODE,
        Reference.GL_ACCOUNTS,
        _GL_ACCOUNTS,
    ),
)
