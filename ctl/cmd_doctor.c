/* SPDX-License-Identifier: Apache-2.0 */
/* carousel doctor. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "doctor.h"
#include "shell.h"
#include "util/cleanup.h"

/* ---- who is asked -------------------------------------------------------------------------------
 */

/* The daemon that was installed or built with this program, else the one in PATH. */
static const char *daemon_program(char ret[4096])
{
	static const char *const beside[] = {
		"carouseld", "../sbin/carouseld", "../daemon/carouseld"};
	char own[2048];
	ssize_t length = readlink("/proc/self/exe", own, sizeof own - 1);
	char *slash = length > 0 ? (own[length] = '\0', strrchr(own, '/')) : NULL;
	for (size_t i = 0; slash && i < sizeof beside / sizeof *beside; i++) {
		snprintf(ret, 4096, "%.*s/%s", (int)(slash - own), own, beside[i]);
		if (access(ret, X_OK) == 0)
			return ret;
	}
	return "carouseld";
}

/* The process that listens on the socket. */
static void find_daemon(struct machine *machine, const char *socket_path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct ucred peer = {0};
	socklen_t size = sizeof peer;
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	machine->daemon = 0;
	if (fd < 0 || strlen(socket_path) >= sizeof address.sun_path)
		return;
	memcpy(address.sun_path, socket_path, strlen(socket_path));
	bool connected = connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
	machine->daemon_is_kept = !connected && (errno == EACCES || errno == EPERM);
	if (connected && getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0)
		machine->daemon = peer.pid;
}

/* ---- looking ------------------------------------------------------------------------------------
 */

static void look_at_settings(const struct machine *machine, const struct program *program,
	const struct settings *settings, const struct daemon_said *said)
{
	doctor_catalog(machine, program, settings);
	doctor_storage(machine, settings);
	doctor_ports(machine, settings);
	doctor_files(machine, settings, said);
}

static void look_at_machine(const struct machine *machine, struct program *program,
	const struct settings *settings, const struct daemon_said *said)
{
	doctor_configuration(machine, program);
	if (*settings->state_dir)
		look_at_settings(machine, program, settings, said);
	doctor_kernel(machine);
	doctor_devices(machine, said);
	doctor_neighbours(machine, said);
}

/* That of -c, else that of the daemon that runs, else what carouseld takes by itself. */
static const char *choose_configuration(
	const struct cli *cli, const struct machine *machine, char *ret, size_t size)
{
	const char *given = option_value(cli, OPTION_CONFIG);
	if (given)
		return given;
	settings_file_of(machine, machine->daemon, ret, size);
	return *ret ? ret : NULL;
}

/* Where -c says that the daemon is, unless --socket says it. */
static void choose_socket(struct cli *cli, const struct settings *settings)
{
	if (option_value(cli, OPTION_CONFIG) && cli->socket_is_default && *settings->socket)
		cli->socket = settings->socket;
}

static void look(struct findings *findings, struct cli *cli)
{
	struct utsname kernel;
	struct daemon_said said;
	struct settings settings;
	char path[4096], file[SETTINGS_PATH_MAX];
	struct machine machine = {.findings = findings,
		.root = "",
		.release = uname(&kernel) == 0 ? kernel.release : "",
		.is_root = geteuid() == 0};
	find_daemon(&machine, cli->socket);
	struct program program = {
		daemon_program(path), choose_configuration(cli, &machine, file, sizeof file)};
	settings_read(&program, &settings);
	choose_socket(cli, &settings);
	find_daemon(&machine, cli->socket);
	doctor_daemon(findings, cli, &said);
	doctor_media(findings, cli);
	look_at_machine(&machine, &program, &settings, &said);
	daemon_said_finish(&said);
	settings_finish(&settings);
}

/* The daemon may be of another machine, and this one is no matter then. */
static void look_from_afar(struct findings *findings, const struct cli *cli)
{
	struct daemon_said said;
	doctor_daemon(findings, cli, &said);
	doctor_media(findings, cli);
	daemon_said_finish(&said);
}

/* The same command, for who is root. */
static void name_command(const struct cli *cli, char ret[DOCTOR_TEXT_MAX])
{
	char socket[256], file[256];
	const char *given = option_value(cli, OPTION_CONFIG);
	snprintf(ret, DOCTOR_TEXT_MAX, "sudo carousel doctor%s%s%s%s", given ? " --config " : "",
		given ? shell_quote(given, file, sizeof file) : "",
		cli->socket_is_default ? "" : " --socket ",
		cli->socket_is_default ? "" : shell_quote(cli->socket, socket, sizeof socket));
}

/* Columns of the terminal, 0 when it is none. */
static size_t screen_width(void)
{
	struct winsize size = {0};
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40 ? size.ws_col : 0;
}

static void tell_all(const struct findings *findings, const struct cli *cli)
{
	const struct findings_style style = {
		.all = cli->options & OPTION_ALL, .colour = cli->colour, .width = screen_width()};
	if (!cli->json) {
		findings_print(findings, &style, stdout);
		return;
	}
	json_t *all = findings_shape(findings);
	print_json(cli, all);
	json_decref(all);
}

enum exit_code run_doctor(struct cli *cli)
{
	char as_root[DOCTOR_TEXT_MAX];
	struct findings findings = {.as_root = as_root};
	if (cli->url) {
		look_from_afar(&findings, cli);
	} else {
		name_command(cli, as_root);
		look(&findings, cli);
	}
	tell_all(&findings, cli);
	enum exit_code code = findings_exit_code(&findings);
	findings_finish(&findings);
	return code;
}
