/* libcurl's header. LuaRocks only checks for the library; if the header is missing, the
 * compiler quotes this line, which says what to do. */
#ifndef TN_HTTP_LIBCURL_H
#define TN_HTTP_LIBCURL_H

#include <curl/curl.h> /* missing? install libcurl4-openssl-dev or libcurl-devel */

#endif
