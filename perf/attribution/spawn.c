/* spawn brief COUNT FIRST-PORT HOST PORT PROGRAM...          a process after the other
 * spawn reuse COUNT FIRST-PORT HOST PORT PID PROGRAM...      all of them with the same process id
 *
 * Each executes the next PROGRAM (in turn), as `once-udp` or `once-tcp` in turn, from a local port
 * of its own, and ends. Prints a line `PORT PROTOCOL PID PROGRAM MICROSECONDS` a process. */
#include "wire.h"
#include <linux/sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

extern char **environ;

/* Forks, with a chosen process id where one is wanted: the kernel refuses one that is taken. */
static pid_t fork_as(pid_t wanted) {
    struct clone_args arguments = {.exit_signal = SIGCHLD};
    if (wanted) arguments.set_tid = (uintptr_t)&wanted, arguments.set_tid_size = 1;
    return (pid_t)need(syscall(SYS_clone3, &arguments, sizeof arguments), "clone3");
}

static void run(const char *program, const char *mode, char **to, int local, pid_t wanted) {
    char port[16];
    snprintf(port, sizeof port, "%d", local);
    char *words[] = {(char *)program, (char *)mode, to[0], to[1], port, NULL};
    int64_t start = nanos();
    int status = 0;
    pid_t pid = fork_as(wanted);
    if (!pid) {
        execve(program, words, environ);
        _exit(127);
    }
    need(waitpid(pid, &status, 0), "waitpid");
    const char *protocol = mode + strlen("once-");
    if (status) fprintf(stderr, "%s %s from %d: status %d\n", program, mode, local, status);
    printf("%d %s %d %s %lld\n", local, protocol, pid, program, (long long)(nanos() - start) / 1000);
}

int main(int count, char **words) {
    int reuse = count > 1 && !strcmp(words[1], "reuse"), first = 6 + reuse;
    need(count > first ? 0 : -1, "usage: spawn brief|reuse COUNT FIRST-PORT HOST PORT [PID] PROGRAM...");
    pid_t wanted = reuse ? atoi(words[6]) : 0;
    int many = atoi(words[2]), port = atoi(words[3]), programs = count - first;
    for (int i = 0; i < many; i++) {
        const char *program = words[first + i % programs];
        run(program, i / programs % 2 ? "once-tcp" : "once-udp", words + 4, port + i, wanted);
    }
    return 0;
}
