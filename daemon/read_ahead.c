/* SPDX-License-Identifier: Apache-2.0 */
#include "read_ahead.h"

#include <stdlib.h>
#include <sys/uio.h>

#include "util/cleanup.h"

static uint8_t *piece_at(const struct read_ahead *ahead, uint64_t number)
{
	return ahead->buffer + number % READ_AHEAD_PIECES * READ_AHEAD_PIECE;
}

/* False: nobody wants any more. */
static bool await_room(struct read_ahead *ahead)
{
	SCOPED_LOCK(&ahead->lock);
	while (!ahead->stopping && ahead->filled - ahead->emptied == READ_AHEAD_PIECES)
		pthread_cond_wait(&ahead->changed, &ahead->lock);
	return !ahead->stopping;
}

static void give(struct read_ahead *ahead, ssize_t length)
{
	SCOPED_LOCK(&ahead->lock);
	ahead->length[ahead->filled++ % READ_AHEAD_PIECES] = length;
	pthread_cond_signal(&ahead->changed);
}

static void *read_pieces(void *context)
{
	struct read_ahead *ahead = context;
	uint64_t offset = 0, number = 0;
	ssize_t length = 1;
	while (length > 0 && await_room(ahead)) {
		const struct iovec piece = {piece_at(ahead, number++), READ_AHEAD_PIECE};
		length = ahead->io->preadv(ahead->io, ahead->fd, &piece, 1, offset, 0);
		offset += length > 0 ? (uint64_t)length : 0;
		give(ahead, length);
	}
	return NULL;
}

bool read_ahead_start(struct read_ahead *ahead, const struct file_io *io, int fd)
{
	*ahead = (struct read_ahead){
		.io = io, .fd = fd, .buffer = malloc((size_t)READ_AHEAD_PIECES * READ_AHEAD_PIECE)};
	pthread_mutex_init(&ahead->lock, NULL);
	pthread_cond_init(&ahead->changed, NULL);
	if (ahead->buffer && pthread_create(&ahead->thread, NULL, read_pieces, ahead) == 0)
		return true;
	free(ahead->buffer);
	return false;
}

ssize_t read_ahead_next(struct read_ahead *ahead, const uint8_t **ret)
{
	SCOPED_LOCK(&ahead->lock);
	if (ahead->held) {
		ahead->emptied++;
		pthread_cond_signal(&ahead->changed);
	}
	while (ahead->filled == ahead->emptied)
		pthread_cond_wait(&ahead->changed, &ahead->lock);
	*ret = piece_at(ahead, ahead->emptied);
	ssize_t length = ahead->length[ahead->emptied % READ_AHEAD_PIECES];
	ahead->held = length > 0; /* the end, or the error, is told again */
	return length;
}

void read_ahead_stop(struct read_ahead *ahead)
{
	pthread_mutex_lock(&ahead->lock);
	ahead->stopping = true;
	pthread_cond_signal(&ahead->changed);
	pthread_mutex_unlock(&ahead->lock);
	pthread_join(ahead->thread, NULL);
	pthread_cond_destroy(&ahead->changed);
	pthread_mutex_destroy(&ahead->lock);
	free(ahead->buffer);
}
