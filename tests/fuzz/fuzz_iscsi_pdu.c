/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hostile initiator that has logged in: each PDU is one byte of what is put right in it (its
 * number, the transfer tag of the last R2T), one of data length, the header, and that much data.
 * Afterwards nothing of it is left.
 */
#include "support.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "connection.h"
#include "library.h"
#include "network.h"
#include "util/reader.h"

enum { RIGHT_NUMBER = 1, RIGHT_TAG = 2, RIGHT_LUN = 4, RIGHT_LENGTH = 8, PDUS_MAX = 64 };
enum { FIRST_NUMBER = 100, ROUNDS_MAX = 1000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct initiator {
	struct network_thread *thread;
	int fd;
	uint32_t number, ttt;
};

static struct fake_portal *fake;

/* Rounds until nothing happens any more; what the portal sends is only looked at for R2T. */
static void settle(struct initiator *initiator)
{
	uint8_t bytes[65536];
	for (int i = 0; i < ROUNDS_MAX; i++) {
		bool something = network_thread_round(initiator->thread, 0);
		ssize_t n = recv(initiator->fd, bytes, sizeof bytes, MSG_DONTWAIT);
		if (n >= BHS_LENGTH && bytes[0] == PDU_R2T)
			initiator->ttt = get_be32(bytes + BHS_TTT);
		if (!something && n <= 0 && list_empty(&initiator->thread->ready))
			return;
	}
}

static void send_pdu(struct initiator *initiator, uint8_t *bhs, const void *data, uint32_t length)
{
	static const uint8_t padding[3];
	put_be24(bhs + BHS_DATA_LENGTH, length);
	(void)!send(initiator->fd, bhs, BHS_LENGTH, MSG_NOSIGNAL);
	(void)!send(initiator->fd, data, length, MSG_NOSIGNAL);
	(void)!send(initiator->fd, padding, pdu_padding(length), MSG_NOSIGNAL);
}

static void log_in(struct initiator *initiator)
{
	static const char keys[] = "InitiatorName=" INITIATOR "\0TargetName=" TARGET_ONE
				   "\0InitialR2T=No\0MaxBurstLength=512\0FirstBurstLength=512";
	uint8_t bhs[BHS_LENGTH] = {PDU_LOGIN | PDU_IMMEDIATE, 0x87};
	put_be32(bhs + BHS_CMD_SN, FIRST_NUMBER);
	initiator->number = FIRST_NUMBER;
	send_pdu(initiator, bhs, keys, sizeof keys);
	settle(initiator);
	assert_int_equal(portal_session_count(fake->portal), 1);
}

static void send_one(struct initiator *initiator, struct reader *reader)
{
	uint8_t bhs[BHS_LENGTH], data[255], right = reader_u8(reader);
	uint32_t length = reader_u8(reader);
	reader_bytes(reader, bhs, sizeof bhs);
	if (length > reader->left)
		length = (uint32_t)reader->left;
	reader_bytes(reader, data, length);
	bhs[BHS_AHS_LENGTH] = 0;
	if (right & RIGHT_NUMBER)
		put_be32(bhs + BHS_CMD_SN, initiator->number++);
	if (right & RIGHT_LUN)
		memset(bhs + BHS_LUN, 0, 8);
	if (right & RIGHT_LENGTH)
		put_be32(bhs + BHS_EXPECTED_LENGTH, get_be16(bhs + BHS_EXPECTED_LENGTH + 2));
	if (right & RIGHT_TAG)
		put_be32(bhs + BHS_TTT, initiator->ttt);
	send_pdu(initiator, bhs, data, length);
	settle(initiator);
}

static void connect_pair(struct initiator *initiator)
{
	const struct sockaddr_storage nowhere = {.ss_family = AF_INET};
	int fds[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	initiator->fd = fds[0];
	struct connection *connection = connection_create(fake->portal, fds[1], &nowhere);
	atomic_fetch_add(&fake->portal->connections, 1);
	network_thread_hand_over(initiator->thread, connection);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct initiator initiator = {0};
	struct reader reader;
	if (!fake)
		fake = fake_portal_create(
			&(struct fake_portal_setup){.by_hand = true, .threads = 1});
	initiator.thread = fake->portal->threads;
	network_thread_self = initiator.thread;
	connect_pair(&initiator);
	log_in(&initiator);
	reader_init(&reader, data, size);
	for (int i = 0; i < PDUS_MAX && reader.left > 0; i++)
		send_one(&initiator, &reader);
	close(initiator.fd);
	for (int i = 0; i < ROUNDS_MAX && !list_empty(&initiator.thread->connections); i++)
		network_thread_round(initiator.thread, 10);
	assert_true(list_empty(&initiator.thread->connections));
	assert_int_equal(portal_memory(fake->portal), 0);
	assert_int_equal(fake_portal_nexuses(fake), 0);
	return 0;
}
