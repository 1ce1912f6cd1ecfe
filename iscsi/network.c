/* SPDX-License-Identifier: Apache-2.0 */
#include "network.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "connection.h"
#include "enter.h"
#include "session.h"
#include "util/cleanup.h"

enum { EVENTS_AT_ONCE = 64, TICK_MS = 1000, HURRY_MS = 10, POKED_AT_ONCE = 32 };

_Thread_local struct network_thread *network_thread_self;

/* ---- the inbox ------------------------------------------------------------------------------- */

void network_thread_ring(struct network_thread *thread)
{
	static const uint64_t one = 1;
	(void)!write(thread->bell_fd, &one, sizeof one);
}

void network_thread_hand_over(struct network_thread *thread, struct connection *connection)
{
	connection->thread = thread;
	SCOPED_LOCK(&thread->lock);
	list_append(&thread->arrived, &connection->link);
	network_thread_ring(thread);
}

void network_thread_stop(struct network_thread *thread)
{
	SCOPED_LOCK(&thread->lock);
	thread->stopping = true;
	network_thread_ring(thread);
}

/* Everything of `from` to the end of `to`. */
static void move_all(struct list *from, struct list *to)
{
	struct list *node;
	while ((node = list_pop(from)))
		list_append(to, node);
}

static void welcome(struct network_thread *thread, struct connection *connection)
{
	list_append(&thread->connections, &connection->link);
	if (!connection_begin(connection))
		connection_close(connection, "out of memory");
}

/* What can be sent at once is; nobody waits for a peer that may be gone. */
static void drop(struct connection *connection)
{
	if (connection->stage == CONNECTION_FULL)
		session_async_drop(connection->session);
	if (connection->stage != CONNECTION_DEAD)
		connection_flush(connection);
}

static void obey(struct connection *connection, unsigned poked)
{
	if (poked & POKE_DROP)
		drop(connection);
	if (poked & (POKE_CLOSE | POKE_DROP))
		connection_close(connection, "the session is closed");
	else if (poked & POKE_RESUME)
		enter_resume(connection);
}

/* One at a time: obeying one may take another off the list. */
static bool obey_next(struct network_thread *thread)
{
	pthread_mutex_lock(&thread->lock);
	struct list *node = list_pop(&thread->poked);
	struct connection *connection = node ? container_of(node, struct connection, poke) : NULL;
	unsigned poked = connection ? connection->poked : 0;
	if (connection)
		connection->poked = 0;
	pthread_mutex_unlock(&thread->lock);
	if (connection)
		obey(connection, poked);
	return connection;
}

static void empty_inbox(struct network_thread *thread)
{
	struct list arrived, *node;
	list_init(&arrived);
	pthread_mutex_lock(&thread->lock);
	move_all(&thread->arrived, &arrived);
	move_all(&thread->done, &thread->own_done);
	move_all(&thread->released, &thread->free_commands);
	thread->closing_down = thread->stopping;
	pthread_mutex_unlock(&thread->lock);
	while ((node = list_pop(&arrived)))
		welcome(thread, container_of(node, struct connection, link));
	while (obey_next(thread))
		;
}

/* ---- rounds ---------------------------------------------------------------------------------- */

/* What is done is answered, and what is answered is sent; both may bring more of either. */
static void settle(struct network_thread *thread)
{
	struct list *node;
	while (!list_empty(&thread->own_done) || !list_empty(&thread->dirty)) {
		while ((node = list_pop(&thread->own_done)))
			command_done(container_of(node, struct command, done));
		if ((node = list_pop(&thread->dirty)))
			connection_flush(container_of(node, struct connection, dirty));
	}
}

/* A turn for every connection with input, and only one; it is answered before the next one's. */
static void take_turns(struct network_thread *thread)
{
	struct list now, *node;
	list_init(&now);
	move_all(&thread->ready, &now);
	while ((node = list_pop(&now))) {
		connection_readable(container_of(node, struct connection, ready));
		settle(thread);
	}
}

static void mark_ready(struct connection *connection)
{
	if (list_empty(&connection->ready))
		list_append(&connection->thread->ready, &connection->ready);
}

static void bury(struct network_thread *thread)
{
	struct list *node;
	while ((node = list_pop(&thread->dead))) {
		connection_free(container_of(node, struct connection, link));
		atomic_fetch_sub(&thread->portal->connections, 1);
	}
}

static uint64_t now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void resume_listening(struct network_thread *thread);

static void tick(struct network_thread *thread)
{
	thread->next_tick_ns = thread->now_ns + (uint64_t)TICK_MS * 1000000;
	list_for_each_safe (node, &thread->connections)
		connection_tick(container_of(node, struct connection, link));
	if (thread->listening_paused)
		resume_listening(thread);
}

static bool waits_for_others(const struct session *session)
{
	return !list_empty(&session->managements) || !list_empty(&session->wait_in) ||
	       !list_empty(&session->wait_out);
}

/* Task management that waits for tasks of other sessions, commands for memory that others have. */
static void hurry(struct network_thread *thread)
{
	thread->hurried = false;
	list_for_each_safe (node, &thread->connections) {
		struct session *session = container_of(node, struct connection, link)->session;
		if (session && waits_for_others(session))
			session_progress(session);
	}
}

static int patience(const struct network_thread *thread)
{
	if (!list_empty(&thread->ready))
		return 0;
	if (thread->hurried || (thread->closing_down && thread->now_ns < thread->close_ns))
		return HURRY_MS;
	return list_empty(&thread->connections) && !thread->listening_paused ? -1 : TICK_MS;
}

/* ---- listening, by the first thread ---------------------------------------------------------- */

static bool poll_listener(struct network_thread *thread, struct listener *listener, bool poll)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = listener};
	return epoll_ctl(thread->epoll_fd, poll ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, listener->fd,
		       &event) == 0;
}

static void each_listener(struct network_thread *thread, bool poll)
{
	struct portal *portal = thread->portal;
	if (thread != portal->threads)
		return;
	for (unsigned i = 0; i < portal->listener_count; i++)
		poll_listener(thread, &portal->listeners[i], poll);
}

static void resume_listening(struct network_thread *thread)
{
	thread->listening_paused = false;
	if (!thread->closing_down)
		each_listener(thread, true);
}

static struct listener *listener_of(const struct portal *portal, void *pointer)
{
	for (unsigned i = 0; i < portal->listener_count; i++)
		if (pointer == &portal->listeners[i])
			return &portal->listeners[i];
	return NULL;
}

/* ---- the thread ------------------------------------------------------------------------------ */

static void take_connection_event(struct connection *connection, uint32_t events)
{
	if (connection->stage == CONNECTION_DEAD)
		return;
	if (events & EPOLLOUT)
		connection_flush(connection);
	if (connection->stage == CONNECTION_DEAD)
		return;
	if (events & EPOLLIN && connection->polls_in)
		mark_ready(connection);
	else if (events & (EPOLLHUP | EPOLLERR))
		connection_close(connection, NULL);
}

static void take_event(struct network_thread *thread, const struct epoll_event *event)
{
	struct listener *listener = listener_of(thread->portal, event->data.ptr);
	uint64_t rings;
	if (!event->data.ptr) {
		(void)!read(thread->bell_fd, &rings, sizeof rings);
	} else if (!listener) {
		take_connection_event(event->data.ptr, event->events);
	} else if (!listener_accept(thread->portal, listener)) {
		thread->listening_paused = true;
		each_listener(thread, false);
	}
}

static void begin_close_down(struct network_thread *thread)
{
	thread->close_ns = now_ns() + (uint64_t)thread->portal->limits.settle_ms * 1000000;
	thread->listening_paused = false;
	if (thread == thread->portal->threads)
		listeners_close(thread->portal);
}

/* Whoever has something under way, or may not have had its last answer, is given a moment. */
static bool may_stay(const struct connection *connection)
{
	return connection->stage == CONNECTION_LEAVING ||
	       (connection->stage == CONNECTION_FULL && connection->session->open &&
		       !session_is_settled(connection->session));
}

static void see_off(struct connection *connection, bool in_time)
{
	struct session *session = connection->stage == CONNECTION_FULL ? connection->session : NULL;
	if (in_time && may_stay(connection)) {
		if (session)
			session_seek_acknowledgement(session);
		return;
	}
	if (session)
		session->quiet = session_is_settled(session);
	drop(connection);
	connection_close(connection, NULL);
}

static void close_down(struct network_thread *thread)
{
	if (thread->close_ns == 0)
		begin_close_down(thread);
	list_for_each_safe (node, &thread->connections)
		see_off(container_of(node, struct connection, link),
			thread->now_ns < thread->close_ns);
}

bool network_thread_round(struct network_thread *thread, int patience_ms)
{
	struct epoll_event events[EVENTS_AT_ONCE];
	int count = epoll_wait(thread->epoll_fd, events, EVENTS_AT_ONCE, patience_ms);
	thread->now_ns = now_ns();
	for (int i = 0; i < count; i++)
		take_event(thread, &events[i]);
	empty_inbox(thread);
	take_turns(thread);
	settle(thread);
	if (thread->hurried)
		hurry(thread);
	if (thread->now_ns >= thread->next_tick_ns)
		tick(thread);
	if (thread->closing_down)
		close_down(thread);
	settle(thread);
	bury(thread);
	return count > 0;
}

void *network_thread_main(void *argument)
{
	struct network_thread *thread = argument;
	sigset_t pipe;
	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE); /* sendfile(2) knows no MSG_NOSIGNAL */
	pthread_sigmask(SIG_BLOCK, &pipe, NULL);
	network_thread_self = thread;
	thread->now_ns = now_ns();
	each_listener(thread, true);
	while (!thread->closing_down || !list_empty(&thread->connections))
		network_thread_round(thread, patience(thread));
	network_thread_self = NULL;
	return NULL;
}

bool network_thread_init(struct network_thread *thread, struct portal *portal)
{
	struct epoll_event event = {.events = EPOLLIN};
	thread->portal = portal;
	pthread_mutex_init(&thread->lock, NULL);
	pthread_cond_init(&thread->all_released, NULL);
	struct list *const lists[] = {&thread->arrived, &thread->poked, &thread->done,
		&thread->released, &thread->connections, &thread->own_done, &thread->ready,
		&thread->dirty, &thread->dead, &thread->free_commands, &thread->free_outgoing};
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
		list_init(lists[i]);
	thread->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	thread->bell_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return thread->epoll_fd >= 0 && thread->bell_fd >= 0 &&
	       epoll_ctl(thread->epoll_fd, EPOLL_CTL_ADD, thread->bell_fd, &event) == 0;
}

void network_thread_drop_arrivals(struct network_thread *thread)
{
	struct list *node;
	while ((node = list_pop(&thread->arrived))) {
		connection_free(container_of(node, struct connection, link));
		atomic_fetch_sub(&thread->portal->connections, 1);
	}
}

static void free_lists(struct network_thread *thread)
{
	struct list *node;
	move_all(&thread->released, &thread->free_commands);
	while ((node = list_pop(&thread->free_commands)))
		free(container_of(node, struct command, link));
	while ((node = list_pop(&thread->free_outgoing)))
		free(container_of(node, struct outgoing, link));
	network_thread_drop_arrivals(thread);
}

void network_thread_finish(struct network_thread *thread)
{
	pthread_mutex_lock(&thread->lock);
	while (atomic_load(&thread->live) > 0)
		pthread_cond_wait(&thread->all_released, &thread->lock);
	pthread_mutex_unlock(&thread->lock);
	free_lists(thread);
	buffer_pool_finish(&thread->buffers);
	if (thread->epoll_fd >= 0)
		close(thread->epoll_fd);
	if (thread->bell_fd >= 0)
		close(thread->bell_fd);
	pthread_cond_destroy(&thread->all_released);
	pthread_mutex_destroy(&thread->lock);
}
