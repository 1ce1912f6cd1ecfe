/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "secret.h"

#define UNIX_SCHEME    "unix:"
#define DEFAULT_SOCKET "/run/carousel/carousel.sock"

enum {
	DEFAULT_TIMEOUT_S = 60,
	COMMAND_NAME_MAX = 32,
};

enum long_option {
	LONG_SOCKET = 256,
	LONG_URL,
	LONG_TIMEOUT,
	LONG_TOKEN_FILE,
	LONG_CA_FILE,
	LONG_VERSION,
	LONG_SECRET,
	LONG_PROGRESS,
	LONG_COMMAND
};

/* The options of commands: LONG_COMMAND plus the number of the flag's bit. */
static const struct option long_options[] = {
	{"output", required_argument, NULL, 'o'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, LONG_VERSION},
	{"socket", required_argument, NULL, LONG_SOCKET},
	{"url", required_argument, NULL, LONG_URL},
	{"timeout", required_argument, NULL, LONG_TIMEOUT},
	{"token-file", required_argument, NULL, LONG_TOKEN_FILE},
	{"ca-file", required_argument, NULL, LONG_CA_FILE},
	{"progress", required_argument, NULL, LONG_PROGRESS},
	{"replace", no_argument, NULL, LONG_COMMAND + 0},
	{"force", no_argument, NULL, LONG_COMMAND + 1},
	{"host", required_argument, NULL, LONG_COMMAND + 2},
	{"count", required_argument, NULL, LONG_COMMAND + 3},
	{"id", required_argument, NULL, LONG_COMMAND + 4},
	{"personality", required_argument, NULL, LONG_COMMAND + 5},
	{"no-loopback", no_argument, NULL, LONG_COMMAND + 6},
	{"lun", required_argument, NULL, LONG_COMMAND + 7},
	{"add-lun", required_argument, NULL, LONG_COMMAND + 8},
	{"remove-lun", required_argument, NULL, LONG_COMMAND + 9},
	{"no-luns", no_argument, NULL, LONG_COMMAND + 10},
	{"initiator", required_argument, NULL, LONG_COMMAND + 11},
	{"add-initiator", required_argument, NULL, LONG_COMMAND + 12},
	{"remove-initiator", required_argument, NULL, LONG_COMMAND + 13},
	{"any-initiator", no_argument, NULL, LONG_COMMAND + 14},
	{"network", required_argument, NULL, LONG_COMMAND + 15},
	{"add-network", required_argument, NULL, LONG_COMMAND + 16},
	{"remove-network", required_argument, NULL, LONG_COMMAND + 17},
	{"any-network", no_argument, NULL, LONG_COMMAND + 18},
	{"chap-user", required_argument, NULL, LONG_COMMAND + 19},
	{"chap-secret-file", required_argument, NULL, LONG_COMMAND + 20},
	{"no-chap", no_argument, NULL, LONG_COMMAND + 21},
	{"mutual-user", required_argument, NULL, LONG_COMMAND + 22},
	{"mutual-secret-file", required_argument, NULL, LONG_COMMAND + 23},
	{"no-mutual", no_argument, NULL, LONG_COMMAND + 24},
	{"open", no_argument, NULL, LONG_COMMAND + 25},
	{"no-open", no_argument, NULL, LONG_COMMAND + 26},
	{"target", required_argument, NULL, LONG_COMMAND + 27},
	{"repair", no_argument, NULL, LONG_COMMAND + 28},
	{"barcode", required_argument, NULL, LONG_COMMAND + 29},
	{"keep-damaged", no_argument, NULL, LONG_COMMAND + 30},
	{"type", required_argument, NULL, LONG_COMMAND + 31},
	{"prefix", required_argument, NULL, LONG_COMMAND + 32},
	{"capacity", required_argument, NULL, LONG_COMMAND + 33},
	{"medium", required_argument, NULL, LONG_COMMAND + 34},
	{"drive", required_argument, NULL, LONG_COMMAND + 35},
	{"limit", required_argument, NULL, LONG_COMMAND + 36},
	{"all", no_argument, NULL, LONG_COMMAND + 37},
	{"profile", required_argument, NULL, LONG_COMMAND + 38},
	{"transport", required_argument, NULL, LONG_COMMAND + 39},
	{"config", required_argument, NULL, LONG_COMMAND + 40},
	{"scope", required_argument, NULL, LONG_COMMAND + 41},
	{"expires", required_argument, NULL, LONG_COMMAND + 42},
	{"since", required_argument, NULL, LONG_COMMAND + 43},
	{"output-file", required_argument, NULL, LONG_COMMAND + 44},
	{"sha256", required_argument, NULL, LONG_COMMAND + 45},
	{"copy", no_argument, NULL, LONG_COMMAND + 46},
	{"pool", required_argument, NULL, LONG_COMMAND + 47},
	{"name", required_argument, NULL, LONG_COMMAND + 58},
	{"no-wait", no_argument, NULL, LONG_COMMAND + 48},
	{"older-than", required_argument, NULL, LONG_COMMAND + 49},
	{"tag", required_argument, NULL, LONG_COMMAND + 50},
	{"state", required_argument, NULL, LONG_COMMAND + 51},
	{"duplicates", no_argument, NULL, LONG_COMMAND + 59},
	{"actor", required_argument, NULL, LONG_COMMAND + 52},
	{"wait", no_argument, NULL, LONG_COMMAND + 53},
	{"file", required_argument, NULL, LONG_COMMAND + 54},
	{"dry-run", no_argument, NULL, LONG_COMMAND + 55},
	{"prune", no_argument, NULL, LONG_COMMAND + 56},
	{"print", no_argument, NULL, LONG_COMMAND + 57},
	/* Said in full, lest they be taken for short forms of the names of files. */
	{"token", optional_argument, NULL, LONG_SECRET},
	{"chap-secret", optional_argument, NULL, LONG_SECRET},
	{"chap-password", optional_argument, NULL, LONG_SECRET},
	{"mutual-secret", optional_argument, NULL, LONG_SECRET},
	{"mutual-password", optional_argument, NULL, LONG_SECRET},
	{0},
};

static const char short_options[] = "o:c:f:n:O:h";

/* ---- help ---------------------------------------------------------------------------------- */

/* "media add". */
static const char *command_name(const struct command *command, char ret[COMMAND_NAME_MAX])
{
	snprintf(ret, COMMAND_NAME_MAX, "%s%s%s", command->noun, command->verb ? " " : "",
		command->verb ? command->verb : "");
	return ret;
}

static void print_commands(FILE *file, bool offline)
{
	char name[COMMAND_NAME_MAX];
	for (const struct command *command = commands; command->noun; command++)
		if (command->offline == offline)
			fprintf(file, "  %-13s  %s\n", command_name(command, name),
				command->summary);
}

const char options_help[] =
	"  -o FORMAT          table, wide (more of it, and whole), json, jsonl (an item a\n"
	"                     line) or name\n"
	"  --progress HOW     auto (a line on a terminal), plain, json or none\n"
	"  --socket PATH      the daemon's socket (" DEFAULT_SOCKET ")\n"
	"  --url URL          or its address, https:// or http://\n"
	"  --token-file FILE  with the token that is in there; if not given, CAROUSEL_TOKEN\n"
	"  --ca-file FILE     whom to believe who the daemon is; if not given, this "
	"system's\n"
	"  --timeout SECONDS  how long to wait for an answer (60)\n"
	"  --help             about carousel, or about a command\n"
	"  --version\n";

void print_usage(FILE *file)
{
	fputs("Usage: carousel COMMAND …\n\n", file);
	print_commands(file, false);
	fputs("\nWithout the daemon, on the files of cartridges that no drive has:\n\n", file);
	print_commands(file, true);
	putc('\n', file);
	fputs(options_help, file);
	fputs("\ncarousel(1) has all of it.\n", file);
}

static void print_help(const struct command *command)
{
	char name[COMMAND_NAME_MAX];
	printf("Usage: carousel %s%s%s\n\n%c%s.\n", command_name(command, name),
		*command->synopsis ? " " : "", command->synopsis, command->summary[0] & ~0x20,
		command->summary + 1);
	if (command->offline)
		puts("\nWorks on the files of cartridges that no drive has, without the daemon.");
	if (*command->details)
		printf("\n%s", command->details);
}

/* ---- options ------------------------------------------------------------------------------- */

/* getopt passes a word of several letters only behind its last one. */
static const char *refused_word(char **argv)
{
	const char *passed = argv[optind - 1], *word = argv[optind];
	bool has_passed = passed[0] == '-' && passed[strlen(passed) - 1] == optopt;
	bool is_short = optopt > 0 && optopt <= UCHAR_MAX && word && word[0] == '-';
	return is_short && !has_passed && strchr(word, optopt) ? word : passed;
}

/* Without a value, which may be a secret under a misspelt name. */
static enum exit_code refuse_option(const char *word)
{
	return complain(EXIT_USAGE,
		"carousel --help lists the options; behind -- a word is none of them.",
		"%.*s is not an option, or lacks its value", (int)strcspn(word, "="), word);
}

static enum exit_code refuse_secret(void)
{
	return complain(EXIT_USAGE,
		"Put it into a file for --chap-secret-file, --mutual-secret-file or --token-file, "
		"or say - there and pipe it in.",
		"a secret on the command line could be seen by everybody on this machine");
}

/* The number of `value` in `words`, which end in NULL; -1 when it is none of them. */
static int find_word(const char *const *words, const char *value)
{
	for (int i = 0; words[i]; i++)
		if (!strcmp(words[i], value))
			return i;
	return -1;
}

static enum exit_code take_output(struct cli *cli, const char *value)
{
	static const char *const words[] = {"table", "wide", "json", "jsonl", "name", NULL};
	int output = find_word(words, value);
	if (output < 0)
		return complain(EXIT_USAGE, "Use table, wide, json, jsonl or name.",
			"-o does not know \"%s\"", value);
	cli->output = (enum output)output;
	cli->json = cli->output >= OUTPUT_JSON;
	return EXIT_OK;
}

static enum exit_code take_progress(struct cli *cli, const char *value)
{
	static const char *const words[] = {"auto", "plain", "json", "none", NULL};
	int mode = find_word(words, value);
	if (mode < 0)
		return complain(EXIT_USAGE, "Use auto, plain, json or none.",
			"--progress does not know \"%s\"", value);
	cli->progress = (enum progress_mode)mode;
	return EXIT_OK;
}

static enum exit_code take_timeout(struct cli *cli, const char *value)
{
	char *end;
	cli->timeout_given = true;
	cli->timeout_s = strtol(value, &end, 10);
	if (end != value && !*end && cli->timeout_s > 0 && cli->timeout_s <= 86400)
		return EXIT_OK;
	return complain(
		EXIT_USAGE, "Use a number from 1 to 86400.", "--timeout cannot be \"%s\"", value);
}

static enum exit_code take_token_file(struct cli *cli, const char *path)
{
	enum exit_code code = secret_read(path, "the token", cli->token_text);
	cli->token = cli->token_text;
	return code;
}

static enum exit_code take_command_option(struct cli *cli, uint64_t flag, const char *value)
{
	if (cli->given_count == GIVEN_MAX)
		return complain(EXIT_USAGE, "Use several commands.", "there are too many options");
	cli->options |= flag;
	cli->given[cli->given_count++] = (struct given){flag, value};
	return EXIT_OK;
}

static enum exit_code take_option(struct cli *cli, int option, const char *value)
{
	switch (option) {
	case 'o':
		return take_output(cli, value);
	case 'c':
		return take_command_option(cli, OPTION_CONFIG, value);
	case 'f':
		return take_command_option(cli, OPTION_FILE, value);
	case 'O':
		return take_command_option(cli, OPTION_OUTPUT_FILE, value);
	case 'n':
		return take_command_option(cli, OPTION_COUNT, value);
	case LONG_SOCKET:
		cli->socket = value;
		return EXIT_OK;
	case LONG_URL:
		cli->url = value;
		return EXIT_OK;
	case LONG_TOKEN_FILE:
		return take_token_file(cli, value);
	case LONG_CA_FILE:
		cli->ca_file = value;
		return EXIT_OK;
	case LONG_TIMEOUT:
		return take_timeout(cli, value);
	case LONG_SECRET:
		return refuse_secret();
	case LONG_PROGRESS:
		return take_progress(cli, value);
	default:
		return take_command_option(cli, UINT64_C(1) << (option - LONG_COMMAND), value);
	}
}

/* ---- commands ------------------------------------------------------------------------------ */

/* Verbs as people may know them from elsewhere. */
static bool is_verb(const struct command *command, const char *word)
{
	if (!strcmp(word, "list"))
		word = "ls";
	if (!strcmp(word, "remove"))
		word = "rm";
	return !strcmp(command->verb, word);
}

const struct command *command_find(const char *noun, const char *verb)
{
	for (const struct command *command = commands; command->noun; command++)
		if (!strcmp(command->noun, noun) &&
			(!command->verb || (verb && is_verb(command, verb))))
			return command;
	return NULL;
}

static const struct command *find_command(int count, char **words)
{
	return count ? command_find(words[0], count > 1 ? words[1] : NULL) : NULL;
}

static bool is_noun(const char *word)
{
	const struct command *command = commands;
	while (command->noun && strcmp(command->noun, word))
		command++;
	return command->noun;
}

static enum exit_code refuse_command(int count, char **words)
{
	if (!count) {
		print_usage(stderr);
		return EXIT_USAGE;
	}
	if (is_noun(words[0]))
		return complain(EXIT_USAGE, "carousel --help lists them.",
			count > 1 ? "%s does not know \"%s\"" : "%s what?", words[0],
			count > 1 ? words[1] : "");
	return complain(EXIT_USAGE, "carousel --help lists the commands.",
		"there is no command \"%s\"", words[0]);
}

const char *option_name(uint64_t options)
{
	for (const struct option *option = long_options; option->name; option++)
		if (option->val >= LONG_COMMAND &&
			options & UINT64_C(1) << (option->val - LONG_COMMAND))
			return option->name;
	return NULL;
}

bool option_row(unsigned row, const char **ret_name, uint64_t *ret_flag, bool *ret_common)
{
	const struct option *option = &long_options[row];
	if (row >= sizeof long_options / sizeof *long_options - 1 || option->val == LONG_SECRET)
		return false;
	*ret_common = option->val < LONG_COMMAND;
	*ret_flag = *ret_common ? 0 : UINT64_C(1) << (option->val - LONG_COMMAND);
	*ret_name = option->name;
	return true;
}

bool option_takes_value(const char *word)
{
	if (word[0] == '-' && word[1] && word[1] != '-')
		return strchr(short_options, word[1]) && strchr(short_options, word[1])[1] == ':' &&
		       !word[2];
	for (const struct option *option = long_options; option->name; option++)
		if (!strncmp(word, "--", 2) && !strcmp(option->name, word + 2))
			return option->has_arg == required_argument;
	return false;
}

static enum exit_code check_usage(const struct cli *cli, const struct command *command)
{
	char name[COMMAND_NAME_MAX], remedy[256];
	/* The first that was given and is none of the command's. */
	const char *misplaced = option_name(cli->options & ~command->options);
	command_name(command, name);
	snprintf(remedy, sizeof remedy, "Usage: carousel %s%s%s", name,
		*command->synopsis ? " " : "", command->synopsis);
	if (misplaced)
		return complain(EXIT_USAGE, remedy, "%s does not take --%s", name, misplaced);
	if (cli->argument_count < command->arguments_min)
		return complain(EXIT_USAGE, remedy, "%s needs more arguments", name);
	if (cli->argument_count > command->arguments_max)
		return complain(EXIT_USAGE, remedy, "%s does not take \"%s\"", name,
			cli->arguments[command->arguments_max]);
	if (cli->output == OUTPUT_NAME && command->unnamed)
		return complain(EXIT_USAGE, "Use table, wide, json or jsonl.",
			"what %s shows has no names", name);
	return EXIT_OK;
}

static enum exit_code settle(
	struct cli *cli, int count, char **words, bool help, const struct command **ret_command)
{
	const struct command *command = find_command(count, words);
	if (help && !command && (!count || (count == 1 && is_noun(words[0]))))
		print_usage(stdout);
	else if (help && command)
		print_help(command);
	else if (!command)
		return refuse_command(count, words);
	if (help)
		return EXIT_OK;
	int used = command->verb ? 2 : 1;
	cli->argument_count = count - used;
	cli->arguments = words + used;
	*ret_command = command;
	return check_usage(cli, command);
}

static unsigned columns_of(int fd)
{
	struct winsize size = {0};
	return isatty(fd) && ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

static void set_defaults(struct cli *ret)
{
	const char *no_colour = getenv("NO_COLOR");
	*ret = (struct cli){
		.token = getenv("CAROUSEL_TOKEN"),
		.ca_file = getenv("CAROUSEL_CA_FILE"),
		.timeout_s = DEFAULT_TIMEOUT_S,
		.colour = isatty(STDOUT_FILENO) && !(no_colour && *no_colour),
		.columns = columns_of(STDOUT_FILENO),
	};
}

/* What was said on the command line comes before the environment, and that before the default. */
static enum exit_code settle_target(struct cli *cli)
{
	const char *url = getenv("CAROUSEL_URL");
	if (cli->socket && cli->url)
		return complain(EXIT_USAGE, "Leave one of them out.",
			"--socket and --url are two ways to the daemon");
	if (!cli->socket && !cli->url && url && *url)
		cli->url = url;
	if (cli->url && !strncmp(cli->url, UNIX_SCHEME, strlen(UNIX_SCHEME))) {
		cli->socket = cli->url + strlen(UNIX_SCHEME);
		cli->url = NULL;
	}
	cli->socket_is_default = !cli->socket;
	if (!cli->socket)
		cli->socket = DEFAULT_SOCKET;
	return cli->url ? secret_check_token(cli->token) : EXIT_OK;
}

enum exit_code options_read(
	int argc, char **argv, struct cli *ret_cli, const struct command **ret_command)
{
	bool help = false;
	int option;
	set_defaults(ret_cli);
	opterr = 0;
	while ((option = getopt_long(argc, argv, short_options, long_options, NULL)) != -1) {
		enum exit_code code = EXIT_OK;
		if (option == LONG_VERSION) {
			puts("carousel " CAROUSEL_VERSION);
			return EXIT_OK;
		}
		if (option == '?')
			return refuse_option(refused_word(argv));
		if (option == 'h')
			help = true;
		else
			code = take_option(ret_cli, option, optarg);
		if (code)
			return code;
	}
	enum exit_code code = settle_target(ret_cli);
	return code ? code : settle(ret_cli, argc - optind, argv + optind, help, ret_command);
}
