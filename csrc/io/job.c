/* See io/job.h. */
#include "io/job.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct tn_job *tn_job_new(const struct tn_request *request, unsigned tag, double expires) {
    size_t url_length = strlen(request->url);
    if (request->body_length > SIZE_MAX - sizeof(struct tn_job) - url_length - 1)
        return NULL;
    struct tn_job *job = malloc(sizeof *job + url_length + 1 + request->body_length);
    if (!job)
        return NULL;
    *job = (struct tn_job){ .previous = NULL };
    job->tag = tag;
    job->expires = expires;
    job->request = *request;
    job->request.headers = tn_auth_headers_share(request->headers);
    job->request.url = memcpy(job->text, request->url, url_length + 1);
    if (request->body_length > 0)
        job->request.body =
            memcpy(job->text + url_length + 1, request->body, request->body_length);
    return job;
}

void tn_job_delete(struct tn_job *job) {
    tn_auth_headers_release(job->request.headers);
    tn_response_free(&job->result.response);
    free(job);
}

void tn_jobs_push(struct tn_jobs *jobs, struct tn_job *job) {
    job->previous = jobs->last;
    job->next = NULL;
    if (jobs->last)
        jobs->last->next = job;
    else
        jobs->first = job;
    jobs->last = job;
    jobs->count++;
}

void tn_jobs_remove(struct tn_jobs *jobs, struct tn_job *job) {
    if (job->previous)
        job->previous->next = job->next;
    else
        jobs->first = job->next;
    if (job->next)
        job->next->previous = job->previous;
    else
        jobs->last = job->previous;
    job->previous = job->next = NULL;
    jobs->count--;
}

void tn_jobs_append(struct tn_jobs *jobs, struct tn_jobs *others) {
    if (!others->first)
        return;
    others->first->previous = jobs->last;
    if (jobs->last)
        jobs->last->next = others->first;
    else
        jobs->first = others->first;
    jobs->last = others->last;
    jobs->count += others->count;
    *others = (struct tn_jobs){ NULL, NULL, 0 };
}

void tn_jobs_delete(struct tn_jobs *jobs) {
    struct tn_job *next;
    for (struct tn_job *job = jobs->first; job; job = next) {
        next = job->next;
        tn_job_delete(job);
    }
    *jobs = (struct tn_jobs){ NULL, NULL, 0 };
}
