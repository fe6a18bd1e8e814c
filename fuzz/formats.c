/* SIDs, phone numbers, area codes: a value must be accepted if and only if it matches the
 * pattern in Twilio's OpenAPI document. The input is the value. */
#include <stdlib.h>

#include "patterns.h"
#include "pure/phone.h"
#include "pure/sid.h"
#include "support.h"

static const struct {
    const char *prefix; /* NULL: any */
    const char *pattern;
} sids[] = {
    { NULL, SID_PATTERN("[A-Z][A-Z]") }, { "AC", SID_PATTERN("AC") },
    { "PN", SID_PATTERN("PN") },         { "AP", SID_PATTERN("AP") },
    { "SK", SID_PATTERN("SK") },         { "BU", SID_PATTERN("BU") },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = tn_fuzz_copy(data, size);
    for (size_t i = 0; i < sizeof sids / sizeof *sids; i++)
        TN_FUZZ_CHECK(tn_sid_is_valid(text, size, sids[i].prefix) ==
                      tn_fuzz_fits(sids[i].pattern, text, size));
    TN_FUZZ_CHECK(tn_sid_is_opaque(text, size) == tn_fuzz_fits(OPAQUE_SID_PATTERN, text, size));
    TN_FUZZ_CHECK(tn_phone_is_e164(text, size) == tn_fuzz_fits(E164_PATTERN, text, size));
    TN_FUZZ_CHECK(tn_phone_is_area_code(text, size) ==
                  tn_fuzz_fits(AREA_CODE_PATTERN, text, size));
    free(text);
    return 0;
}
