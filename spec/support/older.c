/* spec_older: gives the process that preloads it another libcurl. OLDER lists, in words, how it differs:
 *   sigpipe         its sends raise SIGPIPE (before 7.87, with OpenSSL)
 *   unguarded       sends without MSG_NOSIGNAL, and writes to a socket, raise SIGPIPE
 *   protocols_str   that option is unknown (before 7.85)
 *   quick_exit      that option is unknown (before 7.87)
 *   prereq          that option is unknown (before 7.80)
 *   http2, https    built without it
 *   user_timeout    its sockets keep the system's own limit, which retransmits for about 108 s
 *   emulated        runs on a Linux without TCP_USER_TIMEOUT
 *   trusts          does not check whether a kept connection is alive (from 8.22, for a second)
 *   ends_slowly     its threads hold OpenSSL's locks for long when they end
 *   lingers         holds its lock ten thousand times as long when it makes a handle
 * OLDER_CAPATH and OLDER_CAINFO are the trust stores that it reports. */
#define _GNU_SOURCE
#define CURL_DISABLE_TYPECHECK
#define CURL_DISABLE_DEPRECATION
#include <curl/curl.h>
#include <dlfcn.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool is_asked_for(const char *word) {
    const char *words = getenv("OLDER");
    return words && strstr(words, word);
}

/* ---- threads that end slowly ---- */

/* Looked up once: dlsym() takes a lock, which fork() may leave locked. */
static struct {
    int (*create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    int (*unlock)(pthread_rwlock_t *);
} threads;

__attribute__((constructor)) static void find_threads(void) {
    void *create = dlsym(RTLD_NEXT, "pthread_create");
    void *unlock = dlsym(RTLD_NEXT, "pthread_rwlock_unlock");
    memcpy(&threads.create, &create, sizeof create);
    memcpy(&threads.unlock, &unlock, sizeof unlock);
}

static _Thread_local bool is_over; /* the thread runs its destructors */

struct start {
    void *(*run)(void *);
    void *user;
};

static void *run_and_end(void *user) {
    struct start start = *(struct start *)user;
    free(user);
    void *result = start.run(start.user);
    is_over = true;
    return result;
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                   void *user) {
    struct start *start = malloc(sizeof *start);
    if (!start)
        return EAGAIN;
    *start = (struct start){ run, user };
    int error = threads.create(thread, attributes, run_and_end, start);
    if (error)
        free(start);
    return error;
}

int pthread_rwlock_unlock(pthread_rwlock_t *lock) {
    if (is_over && is_asked_for("ends_slowly"))
        usleep(5000);
    return threads.unlock(lock);
}

/* ---- libcurl ---- */

/* The parent process may have set it to be ignored. */
__attribute__((constructor)) static void mind_sigpipe(void) {
    if (is_asked_for("sigpipe") || is_asked_for("unguarded"))
        (void)signal(SIGPIPE, SIG_DFL);
}

static bool is_connection(int fd) { /* not the socket by which a thread is woken */
    struct sockaddr address = { 0 };
    socklen_t size = sizeof address;
    return getsockname(fd, &address, &size) == 0 && address.sa_family == AF_INET;
}

ssize_t send(int fd, const void *bytes, size_t length, int flags) {
    bool is_unguarded = is_asked_for("unguarded") && !(flags & MSG_NOSIGNAL);
    if ((is_asked_for("sigpipe") || is_unguarded) && is_connection(fd))
        (void)raise(SIGPIPE);
    return sendto(fd, bytes, length, flags, NULL, 0);
}

ssize_t write(int fd, const void *bytes, size_t length) {
    if (is_asked_for("unguarded") && is_connection(fd))
        (void)raise(SIGPIPE);
    return syscall(SYS_write, fd, bytes, length);
}

int setsockopt(int fd, int level, int name, const void *value, socklen_t size) {
    if (level == IPPROTO_TCP && name == TCP_USER_TIMEOUT && is_asked_for("user_timeout"))
        return 0;
    if (level == IPPROTO_TCP && name == TCP_USER_TIMEOUT && is_asked_for("emulated")) {
        errno = ENOPROTOOPT;
        return -1;
    }
    return (int)syscall(SYS_setsockopt, fd, level, name, value, size);
}

/* libcurl's check of a kept connection: nothing else peeks on a blocking call. */
ssize_t recv(int fd, void *bytes, size_t length, int flags) {
    if (flags == MSG_PEEK && is_asked_for("trusts")) {
        errno = EAGAIN;
        return -1;
    }
    return recvfrom(fd, bytes, length, flags, NULL, NULL);
}

/* What such a libcurl returns for an option. */
static CURLcode refusal(CURLoption option, const void *value) {
#if LIBCURL_VERSION_NUM >= 0x075000
    if ((option == CURLOPT_PREREQFUNCTION || option == CURLOPT_PREREQDATA) &&
        is_asked_for("prereq"))
        return CURLE_UNKNOWN_OPTION;
#endif
    if ((option == CURLOPT_PROTOCOLS_STR && is_asked_for("protocols_str")) ||
        (option == CURLOPT_REDIR_PROTOCOLS_STR && is_asked_for("protocols_str")) ||
        (option == CURLOPT_QUICK_EXIT && is_asked_for("quick_exit")))
        return CURLE_UNKNOWN_OPTION;
    if ((option == CURLOPT_HTTP_VERSION && (long)value > CURL_HTTP_VERSION_1_1 &&
         is_asked_for("http2")) ||
        (option == CURLOPT_PROTOCOLS_STR && is_asked_for("https")))
        return CURLE_UNSUPPORTED_PROTOCOL;
    return CURLE_OK;
}

static void *find(const char *name) {
    void *address = dlsym(RTLD_NEXT, name);
    if (address)
        return address;
    /* A module may have loaded libcurl after this library. dlopen() of one that is not loaded reads
     * the loader's cache, which is not safe in a child of fork(), so Debian's libcurl on GnuTLS comes
     * second. */
    void *libcurl = dlopen("libcurl.so.4", RTLD_LAZY | RTLD_NOLOAD);
    return dlsym(libcurl ? libcurl : dlopen("libcurl-gnutls.so.4", RTLD_LAZY), name);
}

CURLcode curl_easy_setopt(CURL *easy, CURLoption option, ...) {
    CURLcode (*real)(CURL *, CURLoption, ...);
    void *address = find("curl_easy_setopt");
    memcpy(&real, &address, sizeof real);
    va_list arguments;
    va_start(arguments, option);
    void *value = va_arg(arguments, void *); /* the values of all options have that size */
    va_end(arguments);
    CURLcode code = refusal(option, value);
    return code == CURLE_OK ? real(easy, option, value) : code;
}

static _Thread_local bool is_inside; /* libcurl, which makes handles of its own */

/* Makes a handle. */
static void *make(const char *name) {
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    void *(*real)(void);
    void *address = find(name);
    memcpy(&real, &address, sizeof real);
    if (is_inside || !is_asked_for("lingers"))
        return real();
    pthread_mutex_lock(&lock);
    is_inside = true;
    usleep(1000);
    void *handle = real();
    is_inside = false;
    pthread_mutex_unlock(&lock);
    return handle;
}

CURL *curl_easy_init(void) {
    return make("curl_easy_init");
}

CURLM *curl_multi_init(void) {
    return make("curl_multi_init");
}

/* Handles that libcurl makes within its first call do not count. */
CURLcode curl_easy_perform(CURL *easy) {
    CURLcode (*real)(CURL *);
    void *address = find("curl_easy_perform");
    memcpy(&real, &address, sizeof real);
    is_inside = true;
    CURLcode code = real(easy);
    is_inside = false;
    return code;
}

/* What libcurl reports of itself. */
curl_version_info_data *curl_version_info(CURLversion age) {
    static curl_version_info_data told;
    curl_version_info_data *(*real)(CURLversion);
    void *address = find("curl_version_info");
    memcpy(&real, &address, sizeof real);
    told = *real(age);
    if (is_asked_for("sigpipe"))
        told.version_num = 0x075600;
    if (getenv("OLDER_CAPATH"))
        told.capath = getenv("OLDER_CAPATH");
    if (getenv("OLDER_CAINFO"))
        told.cainfo = getenv("OLDER_CAINFO");
    return &told;
}
