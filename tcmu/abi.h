/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory shared with the kernel's target_core_user, version 2 of its layout, as it is since
 * Linux 5.10. Native byte order. (The kernel's own header cannot be included beside <sys/uio.h>.)
 *
 * At 0 the mailbox, at ring_offset the ring of entries, behind the ring the data area.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { ABI_VERSION = 2, ABI_ALIGN = 8 };

/* abi_mailbox.flags: what this kernel can do. */
enum {
	ABI_CAN_OUT_OF_ORDER = 1 << 0,    /* answers in any order */
	ABI_CAN_READ_LENGTH = 1 << 1,     /* ABI_READ_LENGTH_VALID is understood */
	ABI_CAN_TASK_MANAGEMENT = 1 << 2, /* ABI_TASK_MANAGEMENT entries */
};

struct abi_mailbox {
	uint16_t version;
	uint16_t flags;
	uint32_t ring_offset; /* bytes from the mailbox */
	uint32_t ring_size;   /* bytes */
	uint32_t head;        /* the kernel's: where it puts the next entry */
	uint8_t reserved[48];
	uint32_t tail; /* ours: the first entry that is not answered */
	uint8_t reserved_too[60];
};

/* Low three bits of abi_header.length_op; the rest is the length of the entry in bytes. */
enum abi_op { ABI_PAD = 0, ABI_COMMAND = 1, ABI_TASK_MANAGEMENT = 2, ABI_OP_MASK = 7 };

/* abi_header.our_flags, with an answer. */
enum {
	ABI_UNKNOWN_OP = 1 << 0,        /* we do not know this op */
	ABI_READ_LENGTH_VALID = 1 << 1, /* abi_response.read_length counts, unless it is 0 */
};

struct abi_header {
	uint32_t length_op;
	uint16_t id; /* of the command */
	uint8_t kernel_flags;
	uint8_t our_flags;
};

struct abi_iovec {
	uint64_t offset; /* bytes from the mailbox */
	uint64_t length;
};

/* The answer overlays the request: reading one after writing the other finds garbage. */
struct abi_request {
	struct abi_header header;
	uint32_t iov_count;
	uint32_t iov_in_count;        /* Data-In of a bidirectional command, behind the others */
	uint32_t iov_integrity_count; /* always 0 */
	uint32_t reserved;
	uint64_t cdb_offset; /* bytes from the mailbox */
	uint64_t reserved_too[2];
	struct abi_iovec iov[];
};

enum { ABI_SENSE_SIZE = 96 };

struct abi_response {
	struct abi_header header;
	uint8_t status;
	uint8_t reserved[3];
	uint32_t read_length;
	uint8_t sense[ABI_SENSE_SIZE];
};

/* abi_task_management.function; no other is ever sent. */
enum abi_function { ABI_ABORT_TASK = 1, ABI_LUN_RESET = 5, ABI_LUN_RESET_BY_PREEMPT = 128 };

struct abi_task_management {
	struct abi_header header;
	uint8_t function;
	uint8_t reserved[3];
	uint32_t id_count;
	uint64_t reserved_too[2];
	uint16_t ids[]; /* of the commands concerned */
};

_Static_assert(sizeof(struct abi_mailbox) == 128, "layout of the mailbox");
_Static_assert(offsetof(struct abi_mailbox, tail) == 64, "layout of the mailbox");
_Static_assert(sizeof(struct abi_header) == 8, "layout of an entry");
_Static_assert(offsetof(struct abi_request, cdb_offset) == 24, "layout of a request");
_Static_assert(sizeof(struct abi_request) == 48, "layout of a request");
_Static_assert(offsetof(struct abi_response, sense) == 16, "layout of a response");
_Static_assert(sizeof(struct abi_response) == 112, "layout of a response");
_Static_assert(sizeof(struct abi_task_management) == 32, "layout of a task management entry");
