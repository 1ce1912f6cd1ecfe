/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The network threads and what they share. A connection, with its session and commands, is one
 * thread's for life; other threads reach it only through that thread's inbox.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "iscsi/portal.h"
#include "memory.h"
#include "util/list.h"

struct connection;
struct epoll_event;

struct listener {
	int fd;
	struct sockaddr_storage address;
	char text[64]; /* "192.0.2.1:3260" */
};

struct network_thread {
	struct portal *portal;
	pthread_t thread;
	int epoll_fd;
	int bell_fd;

	pthread_mutex_t lock;
	pthread_cond_t all_released;
	struct list arrived;  /* new connections */
	struct list poked;    /* connections that another thread has a word for */
	struct list done;     /* commands completed by other threads */
	struct list released; /* commands that nobody refers to any more */
	bool stopping;
	atomic_uint live; /* commands that were given out and are not released */

	/* The thread's own. */
	struct list connections;
	struct list own_done; /* commands completed by this thread itself */
	struct list ready;    /* connections with input that is here already */
	struct list dirty;    /* connections with output to be sent */
	struct list dead;     /* connections to be freed */
	struct list free_commands;
	struct list free_outgoing;
	struct buffer_pool buffers;
	uint64_t now_ns;
	uint64_t next_tick_ns;
	bool hurried; /* somebody waits for what nobody will tell: look again soon */
	bool closing_down;
	uint64_t close_ns; /* closing down: until then sessions may settle */
	bool listening_paused;
};

struct portal {
	struct portal_limits limits;
	const struct portal_backend *backend;
	void *context;
	void (*log)(void *context, const char *line);
	atomic_ullong log_second; /* since when lines are counted */
	atomic_uint log_lines;

	struct listener *listeners;
	unsigned listener_count;

	struct budget in, out;
	atomic_uint connections;

	pthread_mutex_t registry_lock;
	struct list sessions; /* struct session */
	unsigned session_count;
	uint16_t last_tsih;

	bool started;
	unsigned thread_count, threads_running;
	unsigned next_thread;
	struct network_thread *threads;
};

bool network_thread_init(struct network_thread *thread, struct portal *portal);
void network_thread_finish(struct network_thread *thread);
void *network_thread_main(void *argument);
/* One look at everything, waiting so long for something to happen. False: nothing did. */
bool network_thread_round(struct network_thread *thread, int patience_ms);
/* Any thread. */
void network_thread_stop(struct network_thread *thread);
void network_thread_hand_over(struct network_thread *thread, struct connection *connection);
void network_thread_ring(struct network_thread *thread);
/* No thread runs any more: connections that one was handed when it had ended already are closed. */
void network_thread_drop_arrivals(struct network_thread *thread);

/* The thread that is running, when it is one of the portal's. */
extern _Thread_local struct network_thread *network_thread_self;

/* Binds one address. */
bool listener_open(struct listener *listener, const char *text, struct error *error);
/* Who comes from now on is refused at once. */
void listeners_close(struct portal *portal);
/* Takes what waits. False: out of descriptors, try again later. */
bool listener_accept(struct portal *portal, struct listener *listener);

void portal_log(struct portal *portal, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
