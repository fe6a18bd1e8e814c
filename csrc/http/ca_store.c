/* See http/ca_store.h. */
#include "http/ca_store.h"

#include <dirent.h>
#include <stddef.h>
#include <string.h>

static const char *default_directory(void) {
#if LIBCURL_VERSION_NUM >= 0x074600
    const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
    return info->age >= CURLVERSION_SEVENTH ? info->capath : NULL;
#else
    return NULL;
#endif
}

/* Whether a directory has the hashed names by which OpenSSL finds roots: eight hex digits, a
 * dot, a number. */
static bool is_hashed(const char *path) {
    DIR *directory = opendir(path);
    bool found = false;
    if (!directory)
        return false;
    for (struct dirent *entry; !found && (entry = readdir(directory));)
        found = strspn(entry->d_name, "0123456789abcdef") == 8 && entry->d_name[8] == '.' &&
                entry->d_name[9] >= '0' && entry->d_name[9] <= '9';
    closedir(directory);
    return found;
}

CURLcode tn_ca_store_set(CURL *easy, const char *ca_file, bool all, enum tn_ca_store *trust) {
    const char *directory = default_directory();
    if (ca_file) {
        *trust = TN_CA_STORE_NAMED;
        CURLcode code = curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file);
        if (code == CURLE_OK)
            code = curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, ca_file);
        if (code == CURLE_OK && directory)
            code = curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
        if (code == CURLE_OK && directory)
            code = curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, NULL);
        return code;
    }
    if (directory && is_hashed(directory)) {
        *trust = all ? TN_CA_STORE_COMPLETE : TN_CA_STORE_HASHED;
        if (all)
            return CURLE_OK;
        return curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
    }
    *trust =
        TN_CA_STORE_COMPLETE; /* OpenSSL finds nothing in a directory without hashed names */
    return directory ? curl_easy_setopt(easy, CURLOPT_CAPATH, NULL) : CURLE_OK;
}

bool tn_ca_store_widen(CURL *easy, enum tn_ca_store *trust) {
#if LIBCURL_VERSION_NUM >= 0x074600
    const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
    if (*trust != TN_CA_STORE_HASHED || !info->cainfo ||
        curl_easy_setopt(easy, CURLOPT_CAINFO, info->cainfo) != CURLE_OK)
        return false; /* no memory: the next failure tries again */
    *trust = TN_CA_STORE_COMPLETE;
    return true;
#else
    (void)easy;
    (void)trust;
    return false;
#endif
}
