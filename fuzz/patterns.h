/* The formats in Twilio's OpenAPI document and the RFCs, as patterns to compare the checks in
 * csrc/ with. */
#ifndef TN_FUZZ_PATTERNS_H
#define TN_FUZZ_PATTERNS_H

#define SID_PATTERN(prefix) "^" prefix "[0-9a-fA-F]{32}$"
#define OPAQUE_SID_PATTERN "^[A-Za-z0-9-]{1,64}$"
#define E164_PATTERN "^\\+[1-9][0-9]{1,14}$"
#define AREA_CODE_PATTERN "^[0-9]{3}$"
#define DEGREES "[-+]?[0-9]{1,3}(\\.[0-9]+)?"
#define LAT_LONG_PATTERN "^" DEGREES "," DEGREES "$"

/* RFC 3986, appendix A; more specific patterns come first. */
#define HEX "[0-9a-fA-F]"
#define H16 HEX "{1,4}"
#define OCTET "([0-9]|[1-9][0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5])"
#define LS32 "(" H16 ":" H16 "|" OCTET "\\." OCTET "\\." OCTET "\\." OCTET ")"
#define SOME(most) "(" H16 "(:" H16 "){0," most "})?"
#define IPV6                                                                                   \
    "((" H16 ":){6}" LS32 "|::(" H16 ":){5}" LS32 "|(" H16 ")?::(" H16 ":){4}" LS32            \
    "|" SOME("1") "::(" H16 ":){3}" LS32 "|" SOME("2") "::(" H16 ":){2}" LS32 "|" SOME(        \
        "3") "::" H16 ":" LS32 "|" SOME("4") "::" LS32 "|" SOME("5") "::" H16                  \
                                                                     "|" SOME("6") "::)"
#define ESCAPE "%" HEX HEX
#define PCHAR "([A-Za-z0-9._~!$&'()*+,;=:@-]|" ESCAPE ")"
/* The user info may contain @, as in WHATWG's standard: the last one ends it. */
#define USER_INFO "(" PCHAR "*@)?"
/* The characters of a host name; a port is from 1 to 65535. */
#define HOST "([A-Za-z0-9._~-]+|\\[" IPV6 "\\])"
#define PORT                                                                                   \
    "0{0,4}[1-9]|0{0,3}[1-9][0-9]|0{0,2}[1-9][0-9]{2}|0?[1-9][0-9]{3}"                         \
    "|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]"
/* A query may contain unencoded brackets, as in WHATWG's standard. */
#define REST "(/(" PCHAR "|/)*)?(\\?(" PCHAR "|[][/?])*)?(#(" PCHAR "|[/?])*)?"
#define URL_PATTERN "^[Hh][Tt][Tt][Pp][Ss]?://" USER_INFO HOST "(:(" PORT "))?" REST "$"

#endif
