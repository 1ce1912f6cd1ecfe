/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

enum { MANY = 1 << 16 };

enum {
	EXPORT_OPTIONS = OPTION_LUN | OPTION_INITIATOR | OPTION_NETWORK | OPTION_CHAP_USER |
			 OPTION_CHAP_SECRET_FILE | OPTION_MUTUAL_USER | OPTION_MUTUAL_SECRET_FILE |
			 OPTION_OPEN | OPTION_TARGET | OPTION_TRANSPORT
};

/* clang-format off */
const struct command commands[] = {
	{"status", NULL, "", 0, 0, 0, run_status,
		"the library at a glance: drives, what is in them, what is wrong", "", .unnamed = true},
	{"load", NULL, "MEDIUM|FILE [DRIVE|any] [--replace] [--force] [--wait]", 1, 2,
		OPTION_REPLACE | OPTION_FORCE | OPTION_WAIT, run_load,
		"put a medium into a drive",
		"MEDIUM is a name from \"carousel media ls\" or the barcode of a tape. An image FILE is\n"
		"added to the catalog first if it is not there yet. Without DRIVE it is the only drive,\n"
		"or the first empty one that the medium fits in.\n"
		"Returns when every host that polls has noticed, or after 5 s.\n"
		"\n"
		"  --replace  take out what is in the drive\n"
		"  --force    even though a host has locked the drive\n"
		"  --wait     until the drive, or one of any, is free, for --timeout at most\n"},
	{"eject", NULL, "[DRIVE] [--force] [--wait]", 0, 1, OPTION_FORCE | OPTION_WAIT, run_eject,
		"take the medium out of a drive",
		"A host that has locked the drive is asked to let go, for up to 10 s. Without DRIVE it is\n"
		"the only drive, or the only one with a medium.\n"
		"\n"
		"  --force    do not ask the host\n"
		"  --wait     until the host lets go, for --timeout at most\n"},
	{"trace", NULL, "DRIVE [--host HOST] [-n COUNT]", 1, 1, OPTION_HOST | OPTION_COUNT, run_trace,
		"the last commands that hosts sent to a drive, oldest first",
		"  --host HOST  only the commands of this host\n"
		"  -n COUNT     that many, at most 256 (50 if not given)\n", .unnamed = true},
	{"history", NULL, "[--medium MEDIUM] [--drive DRIVE] [--limit COUNT]", 0, 0,
		OPTION_MEDIUM | OPTION_DRIVE | OPTION_LIMIT, run_history,
		"what happened to media and drives, newest first",
		"Media and drives that are gone have their history still.\n"
		"\n"
		"  --medium MEDIUM  only of this medium\n"
		"  --drive DRIVE    only of this drive\n"
		"  --limit COUNT    that many (50 if not given)\n", .unnamed = true},
	{"events", NULL, "[--since ID] [--type GLOB] [--drive DRIVE] [--medium MEDIUM] [-n COUNT]", 0, 0,
		OPTION_SINCE | OPTION_TYPE | OPTION_DRIVE | OPTION_MEDIUM | OPTION_COUNT, run_events,
		"what happens, as it happens, an event a line",
		"Goes on until Ctrl-C. A daemon that is restarted is waited for, and no event is missed.\n"
		"With --timeout it ends after so many seconds.\n"
		"\n"
		"  --since ID       first what has happened since the event of this number; 0: ever\n"
		"  --type GLOB      only events like that: load, \"export-*\"; may be repeated\n"
		"  --drive DRIVE    only of this drive\n"
		"  --medium MEDIUM  only of this medium\n"
		"  -n COUNT         end after so many\n", .unnamed = true},
	{"health", NULL, "", 0, 0, 0, run_health,
		"whether the daemon serves everything it should",
		"Exits with 1 when it does not.\n", .unnamed = true},
	{"doctor", NULL, "[--all] [-c FILE]", 0, 0, OPTION_ALL | OPTION_CONFIG, run_doctor,
		"what is wrong, here and in the daemon, and the command that mends it",
		"Looks at the daemon, and when it is on this machine at its configuration, its catalog, its\n"
		"directories and ports, at the kernel, and at other programs that use the kernel target.\n"
		"Changes nothing. What only root may see is named, and left out.\n"
		"Exits with 1 when there is a problem, and with 8 when there are warnings only.\n"
		"\n"
		"  --all              also what is fine\n"
		"  -c, --config FILE  the configuration of carouseld (that of the one that runs)\n", .unnamed = true},
	{"audit", NULL, "[--actor WHO] [--limit COUNT]", 0, 0, OPTION_ACTOR | OPTION_LIMIT, run_audit,
		"who did what, and what was refused, newest first",
		"  --actor WHO    only what they did: uid:0, token, \"host loopback\"\n"
		"  --limit COUNT  that many (50 if not given)\n", .unnamed = true},
	{"media", "ls", "[WORD...] [--tag TAG] [--state STATE] [--duplicates]", 0, MANY,
		OPTION_TAG | OPTION_STATE | OPTION_DUPLICATES, run_media_list,
		"the catalog; every WORD is somewhere in name, file, volume, barcode, tags, notes or system",
		"  --tag TAG      only what has this tag\n"
		"  --state STATE  only what is ok, missing or changed\n"
		"  --duplicates   only what has the same bytes as others, side by side\n"},
	{"media", "show", "MEDIUM", 1, 1, 0, run_media_show, "all about one medium", ""},
	{"media", "add", "FILE|DIRECTORY... [--id NAME] [--profile DISC]", 1, MANY,
		OPTION_ID | OPTION_PROFILE, run_media_add,
		"add image files to the catalog",
		"All files of a DIRECTORY are tried, not those of directories in it.\n"
		"\n"
		"  --id NAME       what to call it; if not given, a name is made of the file's\n"
		"  --profile DISC  press it to a cd-rom, dvd-rom or bd-rom; if not given, or auto, its\n"
		"                  content decides, else its size\n"},
	{"media", "set", "MEDIUM... --profile DISC", 1, MANY, OPTION_PROFILE, run_media_set,
		"press discs to others: cd-rom, dvd-rom, bd-rom or auto",
		"A disc in a drive is refused, as is one that is larger than such a disc.\n"
		"\n"
		"  --profile DISC  cd-rom, dvd-rom, bd-rom, or auto: what its content and size say\n"},
	{"media", "rm", "MEDIUM...", 1, MANY, 0, run_media_remove,
		"forget media; their files stay", ""},
	{"media", "import", "FILE|DIRECTORY|-... [OPTION...]", 1, MANY,
		OPTION_ID | OPTION_PROFILE | OPTION_SHA256 | OPTION_COPY | OPTION_NAME | OPTION_POOL |
		OPTION_NO_WAIT,
		run_media_import,
		"add image files with their digests, and find out what is in them",
		"A file is read once. Ctrl-C leaves the job to the daemon. - is stdin, which is sent to\n"
		"the daemon like \"carousel media upload\" does.\n"
		"\n"
		"  --id NAME        what to call it; if not given, a name is made of the file's\n"
		"  --profile DISC   as for \"carousel media add\"\n"
		"  --sha256 DIGEST  that the file must have\n"
		"  --copy           into the first media pool; then it may also be below /media or /mnt\n"
		"  --pool DIR       into this pool\n"
		"  --name NAME      of the file that stdin becomes\n"
		"  --no-wait        return when the job is begun\n"},
	{"media", "upload", "FILE|-... [OPTION...]", 1, MANY,
		OPTION_ID | OPTION_PROFILE | OPTION_SHA256 | OPTION_NAME | OPTION_POOL | OPTION_NO_WAIT,
		run_media_upload,
		"send image files, or stdin (-), to the daemon, which may be on another machine",
		"A file of which a part was sent before is gone on with; so is one whose connection is\n"
		"lost. What comes from stdin is not.\n"
		"\n"
		"  --id NAME        what to call the medium; if not given, a name is made of the file's\n"
		"  --profile DISC   as for \"carousel media add\"\n"
		"  --sha256 DIGEST  that the file must have\n"
		"  --name NAME      of the file in the pool, if not that of FILE\n"
		"  --pool DIR       into this pool, not the first one\n"
		"  --no-wait        return when all is sent\n"},
	{"media", "get", "MEDIUM [-O FILE] [--force]", 1, 1, OPTION_OUTPUT_FILE | OPTION_FORCE,
		run_media_get,
		"fetch the image of a disc from the daemon, which may be on another machine",
		"It comes as FILE.part, and gets its name when it is whole and has the digest that the\n"
		"catalog knows. The same command goes on where one was cut off.\n"
		"\n"
		"  -O, --output-file FILE  or a directory, or - for stdout; if not given, a file that is\n"
		"                          called as the daemon's is, here\n"
		"  --force                 replace a file of that name\n", .unnamed = true},
	{"media", "scan", "[DIRECTORY] [--no-wait]", 0, 1, OPTION_NO_WAIT, run_media_scan,
		"look for new, moved, changed and missing files in the media pools, or below one directory",
		"  --no-wait  return when the job is begun\n"},
	{"media", "verify", "[MEDIUM...] [--all] [--older-than DAYS] [--no-wait]", 0, MANY,
		OPTION_ALL | OPTION_OLDER_THAN | OPTION_NO_WAIT, run_media_verify,
		"read discs whole, and compare their digests with those that are known",
		"Exits with 1 when one is not what it was.\n"
		"\n"
		"  --all              all discs\n"
		"  --older-than DAYS  all that were not verified for so long\n"
		"  --no-wait          return when the job is begun\n"},
	{"media", "tag", "MEDIUM TAG...", 2, MANY, 0, run_media_tag, "give a medium tags", ""},
	{"media", "untag", "MEDIUM TAG...", 2, MANY, 0, run_media_untag, "take tags off a medium", ""},
	{"media", "note", "MEDIUM [TEXT]", 1, 2, 0, run_media_note,
		"what there is to know about a medium, in a few words", "Without TEXT there is nothing.\n"},
	{"media", "rename", "MEDIUM NAME", 2, 2, 0, run_media_rename,
		"give a medium another name; its file keeps its own", ""},
	{"tag", "ls", "", 0, 0, 0, run_tag_list, "all tags, and how many media have them", ""},
	{"job", "ls", "[--limit COUNT]", 0, 0, OPTION_LIMIT, run_job_list,
		"long work, newest first",
		"  --limit COUNT  that many (20 if not given)\n"},
	{"job", "show", "JOB", 1, 1, 0, run_job_show,
		"all about one job: how far it is, or what came of it", ""},
	{"job", "wait", "JOB", 1, 1, 0, run_job_wait, "wait for the end of a job",
		"Exits with 1 when it failed. Ctrl-C leaves the job to the daemon.\n"},
	{"job", "cancel", "JOB", 1, 1, 0, run_job_cancel,
		"end a job; what it has done stays done", ""},
	{"token", "create", "NAME [--scope SCOPE] [--expires TIME]", 1, 1,
		OPTION_SCOPE | OPTION_EXPIRES, run_token_create,
		"let somebody in over the network; prints the token, this once",
		"  --scope SCOPE   read: see everything (if not given); load: also load and eject;\n"
		"                  admin: everything\n"
		"  --expires TIME  30d, 12h: how long it opens anything; for ever if not given\n", .unnamed = true},
	{"token", "ls", "", 0, 0, 0, run_token_list,
		"who may come in over the network, and when they were here last", ""},
	{"token", "rm", "TOKEN...", 1, MANY, 0, run_token_remove,
		"take tokens back, by their names", ""},
	{"tape", "create", "--prefix PREFIX [--count COUNT] [--type TYPE] [--capacity SIZE]", 0, 0,
		OPTION_PREFIX | OPTION_COUNT | OPTION_TYPE | OPTION_CAPACITY, run_tape_create,
		"make blank tapes, all of them or none",
		"Barcodes are PREFIX, a number that goes on behind the highest there is, and the\n"
		"letters of the type: ARC001L8. Files of tapes grow as they are written.\n"
		"\n"
		"  --prefix PREFIX  1 to 5 of A-Z and 0-9\n"
		"  --count COUNT    how many, at most 1000 (1 if not given)\n"
		"  --type TYPE      LTO-8 (which it is if not given)\n"
		"  --capacity SIZE  100GB, 100GiB, 1.5TB (that of the type if not given)\n"},
	{"tape", "ls", "", 0, 0, 0, run_tape_list,
		"all tapes, and which drives they are in", ""},
	{"tape", "protect", "TAPE...", 1, MANY, 0, run_tape_protect,
		"set the write-protect tab of tapes",
		"TAPE is a barcode or a name from \"carousel media ls\". A tape in a drive is refused.\n"},
	{"tape", "permit", "TAPE...", 1, MANY, 0, run_tape_permit,
		"clear the write-protect tab of tapes",
		"TAPE is a barcode or a name from \"carousel media ls\". A tape in a drive is refused.\n"},
	{"drive", "ls", "", 0, 0, 0, run_drive_list, "all drives and what is in them", ""},
	{"drive", "show", "DRIVE", 1, 1, 0, run_drive_show,
		"all about one drive: its hosts, what they were told, counters", ""},
	{"drive", "add", "NAME [--personality KIND] [--no-loopback]", 1, 1,
		OPTION_PERSONALITY | OPTION_NO_LOOPBACK, run_drive_add,
		"make a new drive",
		"  --personality KIND  cd-rom, dvd-rom, bd-rom or lto-8 (dvd-rom if not given)\n"
		"  --no-loopback       do not show it to this machine\n"},
	{"drive", "rm", "DRIVE [--force]", 1, 1, OPTION_FORCE, run_drive_remove,
		"remove a drive; what was in it stays in the catalog",
		"  --force  even though a medium is in it\n"},
	{"drive", "release", "DRIVE", 1, 1, 0, run_drive_release,
		"take back what hosts have reserved",
		"Reservations and registrations, for a host that is gone for good. Hosts that were registered\n"
		"are told (RESERVATIONS PREEMPTED). \"carousel drive show\" says who has reserved it.\n"},
	{"export", "ls", "", 0, 0, 0, run_export_list,
		"the targets of the iSCSI portal, and who may log in", ""},
	{"export", "show", "EXPORT", 1, 1, 0, run_export_show,
		"all about one target: who is logged in, and how to attach it", ""},
	{"export", "add", "NAME [[LUN:]DRIVE]... [OPTION...]", 1, MANY, EXPORT_OPTIONS, run_export_add,
		"make an iSCSI target that shows drives",
		"Without LUN a drive gets the first number that is free.\n"
		"\n"
		"  --lun [LUN:]DRIVE          the same as a word; may be repeated, as the next two\n"
		"  --initiator NAME           who may log in; * stands for any characters\n"
		"  --network ADDRESS[/BITS]   and from where\n"
		"  --chap-user USER           what initiators log in as\n"
		"  --chap-secret-file FILE    their secret, 12 to 255 bytes; - is stdin\n"
		"  --mutual-user USER         what the target proves itself as to them\n"
		"  --mutual-secret-file FILE  its secret, another one\n"
		"  --open                     anybody may log in, if allow_open says so too\n"
		"  --target IQN               its iSCSI name; if not given, one is made\n"
		"  --transport portal|kernel  what shows it: the iSCSI portal (if not given), or the\n"
		"                             kernel's own, to initiators of whole names\n"},
	{"export", "set", "EXPORT [OPTION...]", 1, 1,
		EXPORT_OPTIONS | OPTION_ADD_LUN | OPTION_REMOVE_LUN | OPTION_NO_LUNS |
		OPTION_ADD_INITIATOR | OPTION_REMOVE_INITIATOR | OPTION_ANY_INITIATOR |
		OPTION_ADD_NETWORK | OPTION_REMOVE_NETWORK | OPTION_ANY_NETWORK |
		OPTION_NO_CHAP | OPTION_NO_MUTUAL | OPTION_NO_OPEN, run_export_set,
		"change a target; only what is named",
		"Closes the sessions of the target, or of the kernel's only those that the change concerns;\n"
		"initiators log in again by themselves.\n"
		"\n"
		"The options of \"carousel export add\", where --lun, --initiator and --network replace\n"
		"all there were, and:\n"
		"\n"
		"  --add-lun [LUN:]DRIVE     --remove-lun LUN|DRIVE   --no-luns\n"
		"  --add-initiator NAME      --remove-initiator NAME  --any-initiator\n"
		"  --add-network ADDRESS     --remove-network ADDRESS --any-network\n"
		"  --no-chap                 neither CHAP nor mutual CHAP\n"
		"  --no-mutual               no mutual CHAP\n"
		"  --no-open                 not open\n"},
	{"export", "rm", "EXPORT", 1, 1, 0, run_export_remove,
		"remove a target and close its sessions; the drives stay", ""},
	{"session", "ls", "[EXPORT]", 0, 1, 0, run_session_list,
		"who is logged in to the iSCSI portal, or to one target", ""},
	{"tape", "verify", "FILE...", 1, MANY, 0, run_tape_verify,
		"read all of a cartridge and say what is damaged",
		"Exits with 1 when something is damaged.\n", true},
	{"tape", "fsck", "FILE [--repair]", 1, 1, OPTION_REPAIR, run_tape_fsck,
		"check how a cartridge hangs together, and mend its index",
		"Checks all but the data itself, which \"carousel tape verify\" reads.\n"
		"\n"
		"  --repair  make a damaged superblock and the index anew from what is there\n", true},
	{"tape", "dump", "FILE [-n COUNT]", 1, 1, OPTION_COUNT, run_tape_dump,
		"what is on a cartridge: its blocks and filemarks, and where they are in the file",
		"  -n COUNT  only the first so many\n", true, .unnamed = true},
	{"tape", "import", "FILE.tap CARTRIDGE [OPTION...]", 2, 2,
		OPTION_TYPE | OPTION_BARCODE | OPTION_CAPACITY | OPTION_KEEP_DAMAGED, run_tape_import,
		"make a cartridge of a tape in a file of SIMH's format (.tap)",
		"Blocks and filemarks come in their order; what a cartridge has no place for is said.\n"
		"CARTRIDGE is a new file, and there only when all of the tape is on it.\n"
		"\n"
		"  --type TYPE      of cartridge (LTO-8)\n"
		"  --barcode TEXT   its label\n"
		"  --capacity SIZE  12T or bytes; if not given, that of the type\n"
		"  --keep-damaged   keep records that the tape marks as damaged as blocks\n", true},
	{"tape", "export", "CARTRIDGE FILE.tap [--keep-damaged]", 2, 2, OPTION_KEEP_DAMAGED,
		run_tape_export,
		"write all of a cartridge into a file of SIMH's format (.tap)",
		"FILE.tap is a new file, and there only when all of the cartridge is in it. The drive must\n"
		"not have it.\n"
		"\n"
		"  --keep-damaged  mark damaged blocks as such; else the first one ends it\n", true},
	{"apply", NULL, "-f FILE [--dry-run] [--prune] [--force] | --print", 0, 0,
		OPTION_FILE | OPTION_DRY_RUN | OPTION_PRUNE | OPTION_FORCE | OPTION_PRINT, run_apply,
		"make the library what a file says: drives, what is in them, exports, tags",
		"Says what it does (+ is made, ~ is changed, - is removed), and does it. What is so already\n"
		"is left alone. All of the file is looked at before anything is done.\n"
		"\n"
		"  -f, --file FILE  TOML, or JSON; - is stdin\n"
		"  --dry-run        only say it\n"
		"  --prune          remove drives and exports that are not in the file\n"
		"  --force          take discs out even though a host has locked the drive\n"
		"  --print          such a file of what the library is now\n"},
	{"backup", NULL, "FILE|DIRECTORY", 1, 1, 0, run_backup,
		"a copy of the catalog, while the daemon runs",
		"Drives, exports, media, tags, history and the secrets of exports are in it, so that only you\n"
		"may read the file. Images and tapes themselves are not.\n"},
	{"restore", NULL, "FILE [-c FILE]", 1, 1, OPTION_CONFIG, run_restore,
		"put such a copy in the place of the catalog of a daemon that does not run",
		"The copy is checked first, and the catalog that was there is kept beside it, as\n"
		"catalog.db.before-restore.\n"
		"\n"
		"  -c, --config FILE  the configuration of carouseld\n"},
	{"completion", NULL, "bash|zsh|fish|words [-- WORD...]", 1, MANY, 0, run_completion,
		"what a shell needs to complete command lines",
		"For this shell only:    source <(carousel completion bash)\n"
		"\n"
		"The scripts ask \"carousel completion words\" what may stand for the last WORD.\n",
		.unnamed = true},
	{0},
};
/* clang-format on */
