/* Compares what csrc/journal/postgresql_library.h declares with libpq's own header. tools/lint
 * compiles it, which fails if they differ; nothing runs it. */
#include <postgresql/libpq-fe.h>

#define tn_libpq_option _PQconninfoOption
#include "journal/postgresql_library.h"

extern const struct tn_libpq tn_libpq_compared;
const struct tn_libpq tn_libpq_compared = {
#define COMPARE(type, name, arguments) .name = name,
    TN_LIBPQ_FUNCTIONS(COMPARE)
#undef COMPARE
};

#undef tn_libpq_option
struct tn_libpq_option {
    TN_LIBPQ_OPTION_FIELDS
};

#define SAME(ours, theirs) _Static_assert((int)(ours) == (int)(theirs), #theirs)
#define SAME_FIELD(name)                                                                       \
    SAME(offsetof(struct tn_libpq_option, name), offsetof(PQconninfoOption, name))

SAME(sizeof(struct tn_libpq_option), sizeof(PQconninfoOption));
SAME_FIELD(keyword);
SAME_FIELD(val);
SAME(TN_CONNECTION_OK, CONNECTION_OK);
SAME(TN_CONNECTION_BAD, CONNECTION_BAD);
SAME(TN_POLLING_FAILED, PGRES_POLLING_FAILED);
SAME(TN_POLLING_READING, PGRES_POLLING_READING);
SAME(TN_POLLING_WRITING, PGRES_POLLING_WRITING);
SAME(TN_POLLING_OK, PGRES_POLLING_OK);
SAME(TN_RESULT_COMMAND, PGRES_COMMAND_OK);
SAME(TN_RESULT_ROWS, PGRES_TUPLES_OK);
SAME(TN_TRANSACTION_IDLE, PQTRANS_IDLE);
SAME(TN_FIELD_SEVERITY, PG_DIAG_SEVERITY_NONLOCALIZED);
SAME(TN_FIELD_STATE, PG_DIAG_SQLSTATE);
SAME(TN_FIELD_MESSAGE, PG_DIAG_MESSAGE_PRIMARY);
