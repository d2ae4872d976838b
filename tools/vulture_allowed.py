"""Names that vulture takes for unused, each with the reason why it is not."""

from typing import Any

used: Any = None

# Read by a framework through its name.
used.model_config  # pydantic
used._names_one  # pydantic validators
used._hosts_are_safe
used._empty_is_absent
used._id_form
used._names_an_administration
used._not_emptied
used.handle_starttag  # html.parser
used.handle_endtag
used.handle_data
used.STATE_DIR  # settings of the local AWS and its server
used.CODE_BLOB_DIR
used.PERSIST_STATE
used.keep_alive_timeout
used.loglevel
used.graceful_timeout
used.memo  # an argument of copy.deepcopy
used._watcher  # kept so that the task is not collected
used._dynamodb  # one judge for each service, found by its name
used._ssm
used._secretsmanager
used._sqs
used._kms

# Fields of answers: written as JSON, read by clients.
used.waiting_for
used.next_try_at
used.lines_read_back
used.missing_in_exact
used.to
used.skipped
used.purchase_units

# Figures of the sandbox, served by its control routes.
used.codes_issued
used.code_exchanges
used.refreshes
used.refused_early
used.old_token_used
used.expired_token_used
used.bad_client
used.bad_code
used.rotated_and_dropped
used.person_id
used.legislation
used.selections

# Lists that tests compare with the code.
used.ITEM_KINDS
used.STREAM_ENDPOINTS
used.FREE_FIELDS_BY_NUMBER
used.ANY_TEXT
used.PAGE_BYTES
used.NAMESPACE
used.NOT_WRITABLE
used._paused
used.TextField
used.check_rows  # the limits of the store, which the fake tables keep as well
used.CONSOLE_SESSION_SECRET  # set by the template for the pages that sign people in
used.buckets_read  # a figure that the benchmarks print

# Sums of sold quantities over bills of material, for the daily sales of purchase planning, which no route serves yet.
used.sold_quantities

# Types that annotations name in quotes.
used.FeedDocument
used.RuleName
used.CustomerState
used.Reason
used.OrderWarning
used.Proposal
