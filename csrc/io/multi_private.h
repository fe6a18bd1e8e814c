/* The struct of io/multi.h and the functions that multi.c, multi_expiry.c and multi_idle.c
 * share. */
#ifndef TN_IO_MULTI_PRIVATE_H
#define TN_IO_MULTI_PRIVATE_H

#include "http/libcurl.h"
#include "http/sockets.h"
#include "io/concurrency.h"
#include "io/multi.h"
#include "io/stall.h"

#pragma GCC visibility push(hidden)

struct tn_multi {
    CURLM *curl;
    struct tn_transfer_options options; /* a copy */
    struct tn_sockets sockets;
    struct tn_concurrency concurrency;
    struct tn_stall stall;
    struct tn_jobs queue, running;
    double next_expiry;        /* no later than the next work of tn_multi_expire() */
    size_t starting;           /* running jobs that were not sent yet */
    size_t kept;               /* idle connections: an estimate */
    double last_end;           /* when a job last finished */
    struct tn_transfer **idle; /* transfers to reuse */
    size_t idle_count, idle_room;
};

/* ---- multi.c ---- */

/* Finishes a job that was not started. */
void tn_multi_refuse(struct tn_job *job, enum tn_outcome outcome, const char *reason,
                     struct tn_jobs *done);

/* Finishes a job that was running, after its handle was removed from the curl_multi. */
void tn_multi_finish(struct tn_multi *multi, struct tn_job *job, struct tn_jobs *done);

/* ---- multi_expiry.c ---- */

/* Makes tn_multi_expire() run again at that time or earlier. */
void tn_multi_note_expiry(struct tn_multi *multi, double time);

/* Times out the jobs that waited too long, in the queue or for a connection. */
void tn_multi_expire(struct tn_multi *multi, struct tn_jobs *done);

/* Times out the running jobs, if libcurl is unable to. */
void tn_multi_expire_running(struct tn_multi *multi, struct tn_jobs *done);

/* ---- multi_idle.c ---- */

/* A transfer for a job; NULL if there is no memory. */
struct tn_transfer *tn_multi_take_transfer(struct tn_multi *multi);

/* Keeps a transfer for a later job, or deletes it if there is no memory to keep it. */
void tn_multi_keep_transfer(struct tn_multi *multi, struct tn_transfer *transfer);

/* Deletes the transfers that a burst left over, once it is quiet. */
void tn_multi_trim_idle(struct tn_multi *multi, double now);

#pragma GCC visibility pop

#endif
