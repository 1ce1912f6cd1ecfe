/* SPDX-License-Identifier: Apache-2.0 */
/* carousel completion: what shells need, and what their functions ask. */
#include <stdio.h>
#include <string.h>

#include "complete.h"

/*
 * bash breaks words at ':' and '=', and wants back only what is behind the last of them. The line
 * is read anew, so that what is asked for is whole words.
 */
static const char bash[] =
	"# bash completion for carousel: source <(carousel completion bash)\n"
	"_carousel()\n"
	"{\n"
	"	local cur=${COMP_WORDS[COMP_CWORD]} line=${COMP_LINE:0:COMP_POINT} words word "
	"behind\n"
	"	read -ra words <<<\"$line\"\n"
	"	[[ $line == *[[:space:]] ]] && words+=(\"\")\n"
	"	word=${words[${#words[@]} - 1]}\n"
	"	[[ $cur == [:=] ]] && cur=\n"
	"	behind=${word%\"$cur\"}\n"
	"	COMPREPLY=()\n"
	"	while IFS=$'\\t' read -r line _; do\n"
	"		case $line in\n"
	"		:files)\n"
	"			compopt -o filenames 2>/dev/null\n"
	"			mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "
	"\"$cur\")\n"
	"			;;\n"
	"		:directories)\n"
	"			compopt -o filenames 2>/dev/null\n"
	"			mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -d -- "
	"\"$cur\")\n"
	"			;;\n"
	"		*)\n"
	"			COMPREPLY+=(\"${line#\"$behind\"}\")\n"
	"			;;\n"
	"		esac\n"
	"	done < <(\"${words[0]}\" completion words -- \"${words[@]:1}\" 2>/dev/null)\n"
	"}\n"
	"complete -F _carousel carousel\n";

static const char zsh[] =
	"#compdef carousel\n"
	"# zsh completion for carousel: source <(carousel completion zsh)\n"
	"_carousel()\n"
	"{\n"
	"	local line\n"
	"	local -a candidates\n"
	"	for line in \"${(@f)$(${words[1]} completion words -- \"${(@)words[2,CURRENT]}\" "
	"2>/dev/null)}\"; do\n"
	"		case $line in\n"
	"		'') ;;\n"
	"		:files) _files ;;\n"
	"		:directories) _files -/ ;;\n"
	"		*$'\\t'*) candidates+=(\"${${line%%$'\\t'*}//:/\\\\:}:${line#*$'\\t'}\") "
	";;\n"
	"		*) candidates+=(\"${line//:/\\\\:}\") ;;\n"
	"		esac\n"
	"	done\n"
	"	(( $#candidates )) && _describe carousel candidates\n"
	"}\n"
	"if [[ ${funcstack[1]} == _carousel ]]; then\n"
	"	_carousel \"$@\"\n"
	"else\n"
	"	compdef _carousel carousel\n"
	"fi\n";

static const char fish[] =
	"# fish completion for carousel: carousel completion fish | source\n"
	"function __carousel_complete\n"
	"	set -l words (commandline -opc)\n"
	"	set -l word (commandline -ct)\n"
	"	for line in (command $words[1] completion words -- $words[2..-1] \"$word\" "
	"2>/dev/null)\n"
	"		switch $line\n"
	"			case :files\n"
	"				__fish_complete_path \"$word\"\n"
	"			case :directories\n"
	"				__fish_complete_directories \"$word\"\n"
	"			case '*'\n"
	"				echo $line\n"
	"		end\n"
	"	end\n"
	"end\n"
	"complete -c carousel -f -a '(__carousel_complete)'\n";

enum exit_code run_completion(struct cli *cli)
{
	const char *what = cli->arguments[0];
	const char *script = !strcmp(what, "bash")   ? bash
			     : !strcmp(what, "zsh")  ? zsh
			     : !strcmp(what, "fish") ? fish
						     : NULL;
	if (!strcmp(what, "words")) {
		complete(cli, cli->argument_count - 1, cli->arguments + 1);
		return EXIT_OK;
	}
	if (!script || cli->argument_count > 1)
		return complain(EXIT_USAGE, "Use one of bash, zsh and fish.",
			"there is no completion for \"%s\"", script ? cli->arguments[1] : what);
	fputs(script, stdout);
	return EXIT_OK;
}
