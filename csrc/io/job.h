/* A request that one thread hands to another, its result, and lists of such jobs. Knows no Lua.
 * Used by io/multi.c, io_thread.c and lua/io_thread.c. */
#ifndef TN_IO_JOB_H
#define TN_IO_JOB_H

#include <stdbool.h>
#include <stddef.h>

#include "http/transfer.h"

#pragma GCC visibility push(hidden)

struct tn_multi;

struct tn_job {
    struct tn_job *previous, *next; /* in the list that it is in */
    unsigned tag;                   /* the host's name for it */
    double
        expires; /* on tn_clock_now()'s clock: the deadline of queueing and request together */
    struct tn_request request;
    struct tn_result result;
    /* io/multi.c's: */
    struct tn_multi *multi;
    struct tn_transfer *transfer;
    unsigned long place;
    bool is_starting;
    double connects_by; /* when to stop waiting for a connection */
    double started_at;  /* when it was sent, once it is no longer starting */
    long port;          /* the local port it was sent from */
    char text[];        /* the request's URL and body */
};

struct tn_jobs {
    struct tn_job *first, *last;
    size_t count;
};

/* Creates a job with a copy of the request, without its callbacks. NULL if there is no memory.
 */
struct tn_job *tn_job_new(const struct tn_request *request, unsigned tag, double expires);
void tn_job_delete(struct tn_job *job);

void tn_jobs_push(struct tn_jobs *jobs, struct tn_job *job);       /* appends */
void tn_jobs_remove(struct tn_jobs *jobs, struct tn_job *job);     /* which is in it */
void tn_jobs_append(struct tn_jobs *jobs, struct tn_jobs *others); /* which are none then */
void tn_jobs_delete(struct tn_jobs *jobs);                         /* and each of them */

#pragma GCC visibility pop

#endif
