/* Runs a command, and afterwards ends all processes that it has started:
 *   supervise SECONDS COMMAND [ARGUMENT ...]
 * A process that leaves its group or its session (nginx, tmux, timeout) is found too: when its
 * parent ends, it becomes a child of this process. All end when the command ends, after so many
 * seconds (status 124), on SIGINT, SIGTERM or SIGHUP (status 128 + signal), and when the parent
 * of this process ends. Linux only. */
#define _GNU_SOURCE
#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TIMED_OUT = 124, CANNOT_RUN = 127, BY_SIGNAL = 128, POLITE_ROUNDS = 50 };

static const struct timespec ROUND = { .tv_nsec = 20000000 }; /* 50 of them are a second */

/* The parent of a process; 0 if the process is gone. */
static pid_t parent_of(pid_t pid) {
    char path[64];
    char line[512];
    (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "r");
    if (!file)
        return 0;
    const char *read = fgets(line, sizeof line, file);
    (void)fclose(file);
    /* "PID (NAME) STATE PARENT ...": a name may have brackets and blanks. */
    const char *name_end = read ? strrchr(line, ')') : NULL;
    return name_end && strlen(name_end) > 4 ? (pid_t)strtol(name_end + 4, NULL, 10) : 0;
}

static void signal_children(int number) {
    DIR *folder = opendir("/proc");
    if (!folder)
        return;
    for (struct dirent *entry; (entry = readdir(folder));) {
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        if (pid > 0 && parent_of(pid) == getpid())
            kill(pid, number);
    }
    closedir(folder);
}

/* Reaps the children that have ended. Returns whether there are others, and notes how the
 * command ended. */
static bool reap(pid_t command, int *status) {
    for (;;) {
        int how;
        pid_t pid = waitpid(-1, &how, WNOHANG);
        if (pid <= 0)
            return pid == 0;
        if (pid == command)
            *status = WIFEXITED(how) ? WEXITSTATUS(how) : BY_SIGNAL + WTERMSIG(how);
    }
}

/* Ends every child, and every process that becomes one when its parent ends. */
static void end_children(const sigset_t *signals) {
    int ignored;
    for (int round = 0; reap(0, &ignored); round++) {
        signal_children(round < POLITE_ROUNDS ? SIGTERM : SIGKILL);
        sigtimedwait(signals, NULL, &ROUND);
    }
}

/* Waits until the command ends, the time is over, or a signal comes. */
static int supervise(pid_t command, const sigset_t *signals, time_t seconds) {
    int status = -1;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    for (time_t end = now.tv_sec + seconds; now.tv_sec < end;
         clock_gettime(CLOCK_MONOTONIC, &now)) {
        int number =
            sigtimedwait(signals, NULL, &(struct timespec){ .tv_sec = end - now.tv_sec });
        reap(command, &status);
        if (status >= 0)
            return status;
        if (number > 0 && number != SIGCHLD)
            return BY_SIGNAL + number;
    }
    return TIMED_OUT;
}

int main(int count, char **arguments) {
    sigset_t signals;
    sigset_t before;
    pid_t parent = getppid();
    if (count < 3)
        return CANNOT_RUN;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, &before);
    if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0 || prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 ||
        getppid() != parent) {
        perror("supervise");
        return CANNOT_RUN;
    }
    pid_t command = fork();
    if (command == 0) {
        setpgid(0, 0);
        sigprocmask(SIG_SETMASK, &before, NULL);
        execvp(arguments[2], arguments + 2);
        perror(arguments[2]);
        _exit(CANNOT_RUN);
    }
    int status = command < 0
                     ? CANNOT_RUN
                     : supervise(command, &signals, (time_t)strtol(arguments[1], NULL, 10));
    end_children(&signals);
    return status;
}
