/* SPDX-License-Identifier: Apache-2.0 */
#include "told_file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>
#include <zlib.h>

#include "path.h"
#include "scsi/told.h"
#include "util/cleanup.h"
#include "util/error.h"

enum { SLOT_MAGIC = 0x444c4f54, SLOT_VERSION = 3, SLOT_SIZE = 68 * 1024 };

enum { BOOT_LENGTH = 36 }; /* of the UUID that the kernel names a boot by */

/* In the byte order of this machine: the file never leaves it. */
struct slot {
	uint32_t magic;
	uint32_t version;
	_Atomic uint64_t sequence; /* 0: being written */
	uint32_t length;
	char boot[BOOT_LENGTH];    /* in which it was written */
	_Atomic uint32_t checksum; /* of the sequence, the length, the boot and the record */
	uint8_t record[SCSI_TOLD_MAX];
};
_Static_assert(sizeof(struct slot) <= SLOT_SIZE, "a slot holds the largest record");

struct told_file {
	uint8_t *map;
	char boot[BOOT_LENGTH];
	uint64_t sequence; /* of the latest record, 0 when there is none */
	unsigned latest;   /* its slot */
};

static struct slot *slot_at(const struct told_file *file, unsigned index)
{
	return (struct slot *)(void *)(file->map + index * SLOT_SIZE);
}

static uint32_t checksum(
	uint64_t sequence, uint32_t length, const char *boot, const uint8_t *record)
{
	uLong crc = crc32(0, (const Bytef *)&sequence, sizeof sequence);
	crc = crc32(crc, (const Bytef *)&length, sizeof length);
	crc = crc32(crc, (const Bytef *)boot, BOOT_LENGTH);
	return (uint32_t)crc32(crc, record, length);
}

/* The sequence number of a whole slot of this boot, or 0. */
static uint64_t whole(const struct told_file *file, struct slot *slot)
{
	uint64_t sequence = atomic_load(&slot->sequence);
	uint32_t length = slot->length;
	if (slot->magic != SLOT_MAGIC || slot->version != SLOT_VERSION || sequence == 0 ||
		length == 0 || length > SCSI_TOLD_MAX ||
		memcmp(slot->boot, file->boot, BOOT_LENGTH) != 0)
		return 0;
	uint32_t expected = checksum(sequence, length, slot->boot, slot->record);
	return expected == atomic_load(&slot->checksum) ? sequence : 0;
}

/* Numbers may wrap around. */
static bool later(uint64_t a, uint64_t b)
{
	return a != 0 && (b == 0 || (int64_t)(a - b) > 0);
}

static void find_latest(struct told_file *file)
{
	uint64_t first = whole(file, slot_at(file, 0)), second = whole(file, slot_at(file, 1));
	file->latest = later(second, first);
	file->sequence = file->latest ? second : first;
}

/*
 * Where a file system keeps its files over a reboot, hosts that were told are gone all the same. A
 * tmpfs forgets by itself, and whoever may not see the boot's name has such a one. Without either
 * the name is one that no other start has.
 */
static void name_boot(struct told_file *file, int fd)
{
	struct statfs fs;
	_cleanup_close_ int id = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	if (id >= 0 && read(id, file->boot, BOOT_LENGTH) == BOOT_LENGTH)
		return;
	memset(file->boot, 0, BOOT_LENGTH);
	if (fstatfs(fd, &fs) < 0 || fs.f_type != TMPFS_MAGIC)
		arc4random_buf(file->boot, BOOT_LENGTH);
}

static bool map(struct told_file *file, int fd)
{
	struct stat st;
	if (fstat(fd, &st) < 0)
		return false;
	if (!S_ISREG(st.st_mode)) {
		errno = EINVAL;
		return false;
	}
	/* Blocks are taken now: a full file system must not be a SIGBUS later. */
	if (st.st_size != 2 * SLOT_SIZE && ftruncate(fd, 2 * SLOT_SIZE) < 0)
		return false;
	errno = posix_fallocate(fd, 0, 2 * SLOT_SIZE);
	if (errno)
		return false;
	void *address = mmap(NULL, 2 * SLOT_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (address == MAP_FAILED)
		return false;
	file->map = address;
	return true;
}

struct told_file *told_file_open(const char *directory, const char *name, struct error *error)
{
	char path[PATH_MAX];
	if (!path_in(directory, name, path, error))
		return NULL;
	struct told_file *file = calloc(1, sizeof *file);
	_cleanup_close_ int fd = -1;
	if (file)
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (fd < 0 || !map(file, fd)) {
		error_set(error, ERROR_PERMISSION,
			"Remove the file and see that the runtime directory has room.",
			"cannot use %.200s: %s", path, strerror(errno));
		free(file);
		return NULL;
	}
	name_boot(file, fd);
	find_latest(file);
	return file;
}

void told_file_close(struct told_file *file)
{
	if (!file)
		return;
	munmap(file->map, 2 * SLOT_SIZE);
	free(file);
}

void told_file_remove(const char *directory, const char *name)
{
	char path[PATH_MAX];
	if (path_in(directory, name, path, NULL))
		unlink(path);
}

static uint64_t next_sequence(const struct told_file *file)
{
	return file->sequence == UINT64_MAX ? 1 : file->sequence + 1;
}

bool told_file_write(struct told_file *file, const void *record, size_t length)
{
	if (length == 0 || length > SCSI_TOLD_MAX)
		return false;
	unsigned index = file->sequence ? !file->latest : 0;
	struct slot *slot = slot_at(file, index);
	uint64_t sequence = next_sequence(file);
	/* The kernel may kill us after any store: nothing moves across these. */
	atomic_store(&slot->sequence, 0);
	atomic_thread_fence(memory_order_seq_cst);
	slot->magic = SLOT_MAGIC;
	slot->version = SLOT_VERSION;
	slot->length = (uint32_t)length;
	memcpy(slot->boot, file->boot, BOOT_LENGTH);
	memcpy(slot->record, record, length);
	atomic_store(&slot->sequence, sequence);
	atomic_store(&slot->checksum, checksum(sequence, slot->length, slot->boot, slot->record));
	file->sequence = sequence;
	file->latest = index;
	return true;
}

size_t told_file_read(struct told_file *file, void *buffer, size_t capacity)
{
	struct slot *slot = slot_at(file, file->latest);
	uint32_t length = slot->length;
	if (file->sequence == 0 || length > capacity || length > SCSI_TOLD_MAX)
		return 0;
	memcpy(buffer, slot->record, length);
	/* Somebody may have written to the file since it was opened. */
	uint32_t expected = checksum(file->sequence, length, file->boot, buffer);
	return expected == atomic_load(&slot->checksum) ? length : 0;
}
