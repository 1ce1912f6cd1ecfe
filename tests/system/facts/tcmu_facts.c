// A TCMU responder that shows what the kernel does: it prints every entry it meets and answers as
// told.  Independent of Carousel's own ring code on purpose, so that both cannot share one mistake.
//
//   tcmu_facts [--hold OPCODE] NAME
//
// NAME is the backstore's configfs name.  It starts at the ring's tail.  Commands of OPCODE (hex)
// are left unanswered until a task management notification lists them.  Commands known: those of
// answer() below; READ BUFFER's MODE selects how much of the buffer is claimed.
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { OP_PAD, OP_CMD, OP_TMR };
enum { UFLAG_READ_LEN = 2 };
enum { GOOD = 0, CHECK_CONDITION = 2 };

// <linux/target_core_user.h> cannot be included next to <sys/uio.h>; these are its layouts.
struct mailbox {
	uint16_t version, flags;
	uint32_t ring_offset, ring_size, head;
	uint8_t pad[48];
	uint32_t tail;
};

struct entry {
	uint32_t length_op;
	uint16_t id;
	uint8_t kflags, uflags;
	union {
		struct {
			uint32_t iov_count, bidi_count, dif_count, pad;
			uint64_t cdb_offset, pad2[2];
			struct {
				uint64_t base, length;
			} iov[];
		} cmd;
		struct {
			uint8_t status, pad[3];
			uint32_t read_length;
			uint8_t sense[96];
		} rsp;
		struct {
			uint8_t type, pad[3];
			uint32_t count;
			uint64_t pad2[2];
			uint16_t ids[];
		} tmr;
	};
};

struct response {
	uint8_t status, key, asc;
	bool claims;
	uint32_t read_length;
};

static uint8_t *map;
static struct mailbox *box;
static const char *name;
static int fd;
static int held_opcode = -1;

static struct entry *entry_at(uint32_t position)
{
	return (struct entry *)(map + box->ring_offset + position);
}

static uint32_t after(uint32_t position)
{
	return (position + (entry_at(position)->length_op & ~7u)) % box->ring_size;
}

// The response of any command goes into the slot at the tail, whoever's it was.
static void complete(uint16_t id, struct response response)
{
	uint32_t tail = box->tail;

	while ((entry_at(tail)->length_op & 7) != OP_CMD)
		tail = after(tail);
	struct entry *slot = entry_at(tail);
	slot->id = id;
	slot->uflags = response.claims ? UFLAG_READ_LEN : 0;
	memset(&slot->rsp, 0, sizeof(slot->rsp));
	slot->rsp.status = response.status;
	slot->rsp.read_length = response.read_length;
	if (response.status == CHECK_CONDITION) {
		slot->rsp.sense[0] = 0x70;
		slot->rsp.sense[2] = response.key;
		slot->rsp.sense[7] = 10;
		slot->rsp.sense[12] = response.asc;
	}
	__atomic_store_n(&box->tail, after(tail), __ATOMIC_RELEASE);
	if (write(fd, &(uint32_t){0}, 4) != 4)
		perror("kick");
}

// Notifications and padding at the tail are ours to step over.
static void skip_others(uint32_t head)
{
	uint32_t tail = box->tail;

	while (tail != head && (entry_at(tail)->length_op & 7) != OP_CMD)
		tail = after(tail);
	if (tail == box->tail)
		return;
	__atomic_store_n(&box->tail, tail, __ATOMIC_RELEASE);
	if (write(fd, &(uint32_t){0}, 4) != 4)
		perror("kick");
}

static uint32_t fill(struct entry *entry, const void *data, uint32_t length)
{
	if (!entry->cmd.iov_count)
		return 0;
	if (length > entry->cmd.iov[0].length)
		length = entry->cmd.iov[0].length;
	memcpy(map + entry->cmd.iov[0].base, data, length);
	return length;
}

static struct response answer(struct entry *entry, const uint8_t *cdb)
{
	uint8_t data[4096] = {0};

	switch (cdb[0]) {
	case 0x12: // INQUIRY, processor device: no upper driver attaches and asks questions
		if (cdb[1] & 1)
			break;
		data[0] = 0x03;
		data[2] = 6;
		data[3] = 2;
		data[4] = 31;
		snprintf((char *)data + 8, 29, "FACTS   %-16.16s1   ", name);
		return (struct response){.claims = true, .read_length = fill(entry, data, 36)};
	case 0x3c: // READ BUFFER
		memset(data, 0xa5, sizeof(data));
		switch (cdb[1] & 0x1f) {
		case 0: // all of it, without saying so
			fill(entry, data, sizeof(data));
			return (struct response){0};
		case 1: // none of it, saying so
			return (struct response){.claims = true};
		case 2: // eight bytes, saying so
			memset(data, 0x5a, sizeof(data));
			return (struct response){
				.claims = true, .read_length = fill(entry, data, 8)};
		}
		break;
	case 0x00: // TEST UNIT READY
	case 0x16: // RESERVE(6)
	case 0x17: // RELEASE(6)
	case 0x56: // RESERVE(10)
	case 0x57: // RELEASE(10)
	case 0x5f: // PERSISTENT RESERVE OUT
		return (struct response){0};
	case 0x5e: // PERSISTENT RESERVE IN: no keys
		return (struct response){.claims = true, .read_length = fill(entry, data, 8)};
	}
	return (struct response){.status = CHECK_CONDITION, .key = 5, .asc = 0x20};
}

static void handle(struct entry *entry)
{
	switch (entry->length_op & 7) {
	case OP_CMD: {
		static const uint8_t lengths[8] = {6, 10, 10, 12, 16, 12, 10, 10};
		const uint8_t *cdb = map + entry->cmd.cdb_offset;

		printf("cmd id=%u cdb=", entry->id);
		for (unsigned i = 0; i < lengths[cdb[0] >> 5]; i++)
			printf("%02x", cdb[i]);
		printf("%s\n", cdb[0] == held_opcode ? " held" : "");
		if (cdb[0] != held_opcode)
			complete(entry->id, answer(entry, cdb));
		break;
	}
	case OP_TMR: {
		uint32_t count = entry->tmr.count;
		uint16_t ids[64];

		count = count < 64 ? count : 64;
		memcpy(ids, entry->tmr.ids, count * sizeof(ids[0]));
		printf("tmr type=%u ids=", entry->tmr.type);
		for (uint32_t i = 0; i < count; i++)
			printf("%s%u", i ? "," : "", ids[i]);
		printf("\n");
		for (uint32_t i = 0; i < count; i++)
			complete(ids[i], (struct response){0});
		break;
	}
	}
}

static int open_device(size_t *ret_size)
{
	struct dirent *dirent;
	DIR *dir = opendir("/sys/class/uio");

	while (dir && (dirent = readdir(dir))) {
		char path[512], text[256] = "", *slash;
		FILE *file;

		snprintf(path, sizeof(path), "/sys/class/uio/%s/name", dirent->d_name);
		if (dirent->d_name[0] == '.' || !(file = fopen(path, "r")))
			continue;
		// tcm-user/HBA/NAME/CONFIG
		bool found = fscanf(file, "tcm-user/%*[^/]/%255s", text) == 1;
		fclose(file);
		if ((slash = strchr(text, '/')))
			*slash = '\0';
		if (!found || strcmp(text, name))
			continue;
		snprintf(path, sizeof(path), "/sys/class/uio/%s/maps/map0/size", dirent->d_name);
		file = fopen(path, "r");
		if (!file || fscanf(file, "%zi", (ssize_t *)ret_size) != 1)
			return -1;
		fclose(file);
		snprintf(path, sizeof(path), "/dev/%s", dirent->d_name);
		return open(path, O_RDWR | O_CLOEXEC);
	}
	return -1;
}

int main(int argc, char **argv)
{
	size_t size;

	if (argc > 2 && !strcmp(argv[1], "--hold"))
		held_opcode = strtol(argv[2], NULL, 16);
	name = argv[argc - 1];
	setvbuf(stdout, NULL, _IOLBF, 0);
	fd = open_device(&size);
	if (fd < 0) {
		perror(name);
		return 1;
	}
	map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED) {
		perror("mmap");
		return 1;
	}
	box = (struct mailbox *)map;

	uint32_t position = box->tail;
	printf("open version=%u flags=%x tail=%u head=%u\n", box->version, box->flags, box->tail,
		box->head);
	for (;;) {
		struct pollfd pollfd = {.fd = fd, .events = POLLIN};
		uint32_t count, head = __atomic_load_n(&box->head, __ATOMIC_ACQUIRE);

		if (position == head) {
			skip_others(head);
			poll(&pollfd, 1, -1);
			if (read(fd, &count, 4) != 4)
				return 0;
			continue;
		}
		// The slot may be overwritten by the response given in it.
		uint32_t next = after(position);
		handle(entry_at(position));
		position = next;
	}
}
