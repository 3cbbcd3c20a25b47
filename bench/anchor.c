/* The anchor of `make bench`: what the kernel and plain C need for the same work.
 *
 *   anchor serve PORT [STATUS_FILE]   answer every request with a small 200; close. While STATUS_FILE
 *                                     exists the answer is 503, so that all targets fail at once.
 *   anchor hang PORT                  accept and never answer.
 *   anchor ask PORT COUNT CONCURRENT  COUNT requests, each on a new connection; prints CPU us each.
 *
 * Loopback only. One thread, epoll, no allocation in the loop.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const char OK[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n"
                         "Connection: close\r\n\r\n{\"status\":\"ok\"}";
static const char BAD[] = "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n"
                          "Content-Length: 17\r\nConnection: close\r\n\r\n{\"status\":\"down\"}";
static const char REQUEST[] = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";

static void die(const char *what) {
    perror(what);
    exit(2);
}

static void watch(int poll, int fd, unsigned events, int op) {
    struct epoll_event event = {.events = events, .data.fd = fd};
    if (epoll_ctl(poll, op, fd, &event) < 0) die("epoll_ctl");
}

static struct sockaddr_in loopback(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static int listening(int port) {
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in address = loopback(port);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0) die("bind");
    if (listen(fd, 8192) < 0) die("listen");
    return fd;
}

static void serve(int port, const char *status_file, int hang) {
    int poll = epoll_create1(0), door = listening(port), failing = 0;
    time_t looked = 0;
    char buffer[4096];
    struct epoll_event ready[256];
    watch(poll, door, EPOLLIN, EPOLL_CTL_ADD);
    for (;;) {
        int n = epoll_wait(poll, ready, 256, -1);
        time_t now = time(NULL);
        if (status_file && now != looked) {
            looked = now;
            failing = access(status_file, F_OK) == 0;
        }
        for (int i = 0; i < n; i++) {
            int fd = ready[i].data.fd;
            if (fd == door) {
                int client;
                while ((client = accept4(door, NULL, NULL, SOCK_NONBLOCK)) >= 0)
                    watch(poll, client, EPOLLIN, EPOLL_CTL_ADD);
                continue;
            }
            ssize_t got = read(fd, buffer, sizeof buffer);
            if (got > 0 && hang) continue;
            if (got > 0) {
                const char *answer = failing ? BAD : OK;
                if (write(fd, answer, strlen(answer)) < 0 && errno != EPIPE && errno != ECONNRESET) die("write");
            }
            close(fd);
        }
    }
}

static void dial(int poll, int port) {
    struct sockaddr_in address = loopback(port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (fd < 0) die("socket");
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS) die("connect");
    watch(poll, fd, EPOLLOUT, EPOLL_CTL_ADD);
}

static void ask(int port, long count, int concurrent) {
    int poll = epoll_create1(0);
    long started = 0, ended = 0, good = 0;
    char buffer[4096];
    struct epoll_event ready[256];
    struct rusage used;
    for (; started < concurrent && started < count; started++) dial(poll, port);
    while (ended < count) {
        int n = epoll_wait(poll, ready, 256, 10000);
        if (n <= 0) die("epoll_wait");
        for (int i = 0; i < n; i++) {
            int fd = ready[i].data.fd;
            if (ready[i].events & EPOLLOUT) {
                if (write(fd, REQUEST, sizeof REQUEST - 1) < 0) die("write");
                watch(poll, fd, EPOLLIN, EPOLL_CTL_MOD);
                continue;
            }
            ssize_t got = read(fd, buffer, sizeof buffer);
            if (got > 12 && memcmp(buffer, "HTTP/1.1 200", 12) == 0) good++;
            close(fd);
            ended++;
            if (started < count) {
                dial(poll, port);
                started++;
            }
        }
    }
    getrusage(RUSAGE_SELF, &used);
    double cpu = used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
    printf("{\"checks\": %ld, \"good\": %ld, \"cpu_us\": %.2f}\n", count, good, cpu * 1e6 / count);
}

int main(int argc, char **argv) {
    if (argc >= 3 && strcmp(argv[1], "serve") == 0) serve(atoi(argv[2]), argc > 3 ? argv[3] : NULL, 0);
    if (argc == 3 && strcmp(argv[1], "hang") == 0) serve(atoi(argv[2]), NULL, 1);
    if (argc == 5 && strcmp(argv[1], "ask") == 0) {
        ask(atoi(argv[2]), atol(argv[3]), atoi(argv[4]));
        return 0;
    }
    fprintf(stderr, "usage: anchor serve PORT [STATUS_FILE] | hang PORT | ask PORT COUNT CONCURRENT\n");
    return 2;
}
