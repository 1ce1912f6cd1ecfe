/* SPDX-License-Identifier: Apache-2.0 */
/* The directories of the daemon: there, to be read by it, with room, on a fitting file system. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "doctor.h"
#include "human.h"
#include "shell.h"

enum { QUOTED_MAX = DOCTOR_TEXT_MAX - 128 };

enum place_kind { PLACE_STATE, PLACE_TAPES, PLACE_POOL };

struct place {
	enum place_kind kind;
	const char *subject; /* "state_dir" */
	const char *path;
	char quoted[QUOTED_MAX]; /* the path as a word of a shell */
};

/* ---- file systems -------------------------------------------------------------------------------
 */

static const char *const remote_types[] = {
	"nfs", "cifs", "smb", "fuse", "9p", "ceph", "afs", "glusterfs", "gfs2", "ocfs2", NULL};
static const char *const memory_types[] = {"tmpfs", "ramfs", "overlay", NULL};

/* nfs is nfs4 too, and fuse is fuse.sshfs. */
static bool begins_with_one(const char *type, const char *const *types)
{
	while (*types && strncmp(type, *types, strlen(*types)))
		types++;
	return *types;
}

static bool is_below(const char *path, const char *mount)
{
	size_t length = strlen(mount);
	return !strcmp(mount, "/") ||
	       (!strncmp(path, mount, length) && (path[length] == '/' || path[length] == '\0'));
}

/* A mount's path as /proc/mounts writes it: \040 is a space. */
static void unescape(char *text)
{
	char *to = text;
	for (; *text; text++)
		if (*text == '\\' && strspn(text + 1, "01234567") >= 3) {
			char digits[4] = {text[1], text[2], text[3]};
			*to++ = (char)strtoul(digits, NULL, 8);
			text += 3;
		} else {
			*to++ = *text;
		}
	*to = '\0';
}

/* Of the mount that is nearest above the path; of two at one place the later hides the other. */
static void type_of(const struct machine *machine, const char *path, char ret[64])
{
	_cleanup_free_ char *mounts = machine_text(machine, "/proc/mounts");
	char *rest = mounts, mount[1024], type[64];
	size_t longest = 0;
	*ret = '\0';
	for (char *line; rest && (line = strsep(&rest, "\n"));) {
		if (sscanf(line, "%*s %1023s %63s", mount, type) != 2)
			continue;
		unescape(mount);
		if (is_below(path, mount) && strlen(mount) >= longest) {
			longest = strlen(mount);
			snprintf(ret, 64, "%s", type);
		}
	}
}

static void tell_remote(const struct machine *machine, const struct place *place, const char *type)
{
	static const char *const what[] = {
		[PLACE_STATE] = "the locks of the catalog may not hold there",
		[PLACE_TAPES] = "a tape drive hangs as long as its server does",
		[PLACE_POOL] = "reads take a detour, and hang as long as its server does",
	};
	static const char *const remedy[] = {
		[PLACE_STATE] = "Set state_dir to a directory of a local disk.",
		[PLACE_TAPES] = "Set tape_dir to a directory of a local disk.",
		[PLACE_POOL] = "Copy what is used often to a local disk.",
	};
	found(machine->findings, place->kind == PLACE_POOL ? DOCTOR_NOTE : DOCTOR_WARNING,
		place->subject, remedy[place->kind], "%s is on %s: %s", place->path, type,
		what[place->kind]);
	mend(machine->findings, "findmnt -T %s", place->quoted);
}

static void look_at_type(const struct machine *machine, const struct place *place, const char *type)
{
	if (place->kind != PLACE_POOL && begins_with_one(type, memory_types)) {
		found(machine->findings, DOCTOR_WARNING, place->subject,
			"Set it to a directory of a disk.", "%s is on %s, and is gone when the %s",
			place->path, type,
			!strcmp(type, "overlay") ? "container is" : "machine restarts");
		mend(machine->findings, "findmnt -T %s", place->quoted);
	}
}

/* ---- room ---------------------------------------------------------------------------------------
 */

void doctor_room(const struct machine *machine, const char *subject, const char *path,
	unsigned long long available, unsigned long long size)
{
	enum { PERCENT_MIN = 5 };
	static const unsigned long long bytes_min = 1ULL << 30;
	char left[32], share[32], quoted[QUOTED_MAX];
	bool few = available < bytes_min || available < size / 100 * PERCENT_MIN;
	found(machine->findings, few ? DOCTOR_WARNING : DOCTOR_FINE, subject, NULL,
		"%s (%s) of the file system of %s are free",
		human_size((long long)available, left, sizeof left),
		human_percent((long long)available, (long long)size, share, sizeof share), path);
	if (few)
		mend(machine->findings, "du -xh --max-depth=2 %s | sort -rh | head",
			shell_quote(path, quoted, sizeof quoted));
}

/* What nobody can write to is full, and that is no matter: an image that is mounted. */
static void look_at_room(
	const struct machine *machine, const struct place *place, const char *full_path)
{
	struct statvfs fs;
	if (statvfs(full_path, &fs) == 0 && fs.f_blocks && !(fs.f_flag & ST_RDONLY))
		doctor_room(machine, place->subject, place->path,
			(unsigned long long)fs.f_bavail * fs.f_frsize,
			(unsigned long long)fs.f_blocks * fs.f_frsize);
}

/* ---- who may see it -----------------------------------------------------------------------------
 */

/* Who the daemon is, from /proc/PID/status. */
struct user {
	unsigned uid, gid;
	char groups[1024]; /* " 4 24 27 " */
};

static bool read_user(const struct machine *machine, struct user *ret)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%ld/status", machine->daemon);
	_cleanup_free_ char *status = machine_text(machine, path);
	const char *uid = status ? strstr(status, "\nUid:") : NULL;
	const char *gid = status ? strstr(status, "\nGid:") : NULL;
	const char *groups = status ? strstr(status, "\nGroups:") : NULL;
	if (!uid || !gid || sscanf(uid, " Uid: %*u %u", &ret->uid) != 1 ||
		sscanf(gid, " Gid: %*u %u", &ret->gid) != 1)
		return false;
	groups = groups ? groups + strlen("\nGroups:") : "";
	groups += strspn(groups, "\t ");
	snprintf(ret->groups, sizeof ret->groups, " %.*s ", (int)strcspn(groups, "\n"), groups);
	return true;
}

static bool may_read(const struct user *user, const struct stat *st)
{
	char group[16];
	snprintf(group, sizeof group, " %u ", st->st_gid);
	bool in_group = user->gid == st->st_gid || strstr(user->groups, group);
	unsigned shift = user->uid == st->st_uid ? 6 : in_group ? 3 : 0;
	return user->uid == 0 || (st->st_mode >> shift & 05) == 05;
}

static void look_at_permission(
	const struct machine *machine, const struct place *place, const struct stat *st)
{
	struct user user;
	if (!machine->daemon || !read_user(machine, &user) || may_read(&user, st))
		return;
	found(machine->findings, DOCTOR_WARNING, place->subject, NULL,
		"carouseld, which runs as user %u, may not read %s", user.uid, place->path);
	mend(machine->findings, "chmod o+rx %s", place->quoted);
}

/* A unit may hide directories from its service: what the daemon's own root shows counts. */
static void look_from_inside(const struct machine *machine, const struct place *place)
{
	char inside[SETTINGS_PATH_MAX + 64], root[64];
	snprintf(root, sizeof root, "/proc/%ld/root/", machine->daemon);
	snprintf(inside, sizeof inside, "/proc/%ld/root%s", machine->daemon, place->path);
	if (!machine->daemon || !machine->is_root || !machine_has(machine, root) ||
		machine_has(machine, inside))
		return;
	found(machine->findings, DOCTOR_WARNING, place->subject,
		"Open it in the unit with systemctl edit carouseld: ProtectHome=read-only, or "
		"BindReadOnlyPaths= and the path.",
		"%s is there, and is hidden from carouseld by its unit", place->path);
	mend(machine->findings,
		"systemctl show carouseld -p ProtectHome,InaccessiblePaths,TemporaryFileSystem,"
		"RootDirectory");
}

/* ---- a directory --------------------------------------------------------------------------------
 */

static void tell_unreachable(const struct machine *machine, const struct place *place, int failure)
{
	char what[DOCTOR_TEXT_MAX - 32];
	if (failure == EACCES && !machine->is_root) {
		snprintf(what, sizeof what, "this user may not look into %.500s", place->path);
		not_looked_at(machine->findings, place->subject, what);
	} else if (failure != ENOENT) {
		found(machine->findings, DOCTOR_PROBLEM, place->subject, NULL, "%s: %s",
			place->path, strerror(failure));
		mend(machine->findings, "ls -ld %s; findmnt -T %s", place->quoted, place->quoted);
	} else if (place->kind == PLACE_POOL) { /* the others are made when they are needed */
		found(machine->findings, DOCTOR_WARNING, place->subject,
			"Make it, mount it, or take it out of the configuration.",
			"%s is not there", place->path);
		mend(machine->findings, "mkdir -p %s", place->quoted);
	}
}

static void look_at_place(const struct machine *machine, struct place place)
{
	char full[MACHINE_PATH_MAX], type[64];
	struct stat st;
	shell_quote(place.path, place.quoted, sizeof place.quoted);
	type_of(machine, place.path, type);
	if (begins_with_one(type, remote_types)) {
		/* Not touched: whoever looks into a directory of a server that is away hangs. */
		tell_remote(machine, &place, type);
		return;
	}
	machine_path(full, machine, "%s", place.path);
	if (stat(full, &st) < 0) {
		tell_unreachable(machine, &place, errno);
		return;
	}
	if (!S_ISDIR(st.st_mode)) {
		tell_unreachable(machine, &place, ENOTDIR);
		return;
	}
	look_at_permission(machine, &place, &st);
	look_from_inside(machine, &place);
	look_at_type(machine, &place, type);
	look_at_room(machine, &place, full);
}

void doctor_storage(const struct machine *machine, const struct settings *settings)
{
	look_at_place(machine, (struct place){PLACE_STATE, "state_dir", settings->state_dir, ""});
	look_at_place(machine, (struct place){PLACE_TAPES, "tape_dir", settings->tape_dir, ""});
	for (unsigned i = 0; i < settings->pool_count; i++)
		look_at_place(machine, (struct place){PLACE_POOL, "pools", settings->pools[i], ""});
}
