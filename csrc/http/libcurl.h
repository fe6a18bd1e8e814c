/* libcurl's header. LuaRocks asks for the library alone, so the compiler's message about a
 * missing header, which quotes the line, has to say what to do. */
#ifndef TN_HTTP_LIBCURL_H
#define TN_HTTP_LIBCURL_H

#include <curl/curl.h> /* missing? install libcurl4-openssl-dev or libcurl-devel */

#endif
