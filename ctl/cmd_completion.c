/* SPDX-License-Identifier: Apache-2.0 */
/* carousel completion: what shells need, and what their functions ask. */
#include <stdio.h>
#include <string.h>

#include "complete.h"

/*
 * What is offered goes into the line as the shell has to read it, or it would be run: names are
 * what strangers chose. zsh and fish quote candidates; bash leaves it to us, and wants back what is
 * behind the last place where it breaks words.
 */
static const char bash[] =
	"# bash completion for carousel: source <(carousel completion bash)\n"
	"\n"
	"# Takes $1, a line, apart as bash does, but expands nothing. words: what it says, the "
	"last one is\n"
	"# being typed. quote: the one that is open. behind: what the last word says before "
	"position $2.\n"
	"_carousel_read()\n"
	"{\n"
	"	local line=$1 i c begun='' word=''\n"
	"	words=() quote='' behind=''\n"
	"	for ((i = 0; i < ${#line}; i++)); do\n"
	"		((i <= $2)) && behind=$word\n"
	"		c=${line:i:1}\n"
	"		if [[ $c$quote == [[:space:]] ]]; then\n"
	"			[[ $begun ]] && words+=(\"$word\")\n"
	"			begun='' word=''\n"
	"			continue\n"
	"		fi\n"
	"		begun=1\n"
	"		if [[ $c == \"$quote\" ]]; then\n"
	"			quote=\n"
	"		elif [[ $c == \\\\ && $quote != \\' ]]; then\n"
	"			i=$((i + 1))\n"
	"			[[ $quote && ${line:i:1} != [\\\\\\\"\\$\\`] ]] && word+=$c\n"
	"			word+=${line:i:1}\n"
	"		elif [[ $c$quote == [\\'\\\"] ]]; then\n"
	"			quote=$c\n"
	"		else\n"
	"			word+=$c\n"
	"		fi\n"
	"	done\n"
	"	(($2 == ${#line})) && behind=$word\n"
	"	words+=(\"$word\")\n"
	"}\n"
	"\n"
	"# plain: $1 as it stands on the line. Where it cannot stand in the open quote that one is "
	"closed;\n"
	"# readline takes a quote at the beginning for the one that is there, and adds none at the "
	"end.\n"
	"_carousel_quote()\n"
	"{\n"
	"	plain=$1\n"
	"	[[ $quote == \\' && $plain != *\\'* || $quote == \\\" && $plain != "
	"*[\\\\\\\"\\$\\`!]* ]] && return\n"
	"	[[ $plain ]] && printf -v plain %q \"$plain\"\n"
	"	plain=$quote$quote$plain$quote$quote\n"
	"}\n"
	"\n"
	"_carousel()\n"
	"{\n"
	"	local line=${COMP_LINE:0:COMP_POINT} words quote behind plain one files=\n"
	"	_carousel_read \"$line\" $((${#line} - ${#2}))\n"
	"	local word=${words[${#words[@]} - 1]}\n"
	"	COMPREPLY=()\n"
	"	while IFS=$'\\t' read -r one _; do\n"
	"		case $one in\n"
	"		:files) files=default ;;\n"
	"		:directories) files=dirnames ;;\n"
	"		*) COMPREPLY+=(\"$one\") ;;\n"
	"		esac\n"
	"	done < <(\"${words[0]/#\\~\\//$HOME/}\" completion words -- \"${words[@]:1}\" "
	"2>/dev/null)\n"
	"	# bash itself knows most about files. Here they are only those beside other "
	"candidates.\n"
	"	if [[ $files && ${#COMPREPLY[@]} == 0 ]]; then\n"
	"		compopt -o \"$files\" 2>/dev/null\n"
	"		return\n"
	"	fi\n"
	"	if [[ $files ]]; then\n"
	"		mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- \"$word\")\n"
	"	fi\n"
	"	for one in \"${!COMPREPLY[@]}\"; do\n"
	"		_carousel_quote \"${COMPREPLY[one]#\"$behind\"}\"\n"
	"		COMPREPLY[one]=$plain\n"
	"	done\n"
	"}\n"
	"complete -F _carousel carousel\n";

static const char zsh[] =
	"#compdef carousel\n"
	"# zsh completion for carousel: source <(carousel completion zsh)\n"
	"_carousel()\n"
	"{\n"
	"	local line word=$PREFIX\n"
	"	local -a candidates before\n"
	"	# Words are as they stand on the line; nothing in them is expanded.\n"
	"	before=(\"${(@Q)words[1,CURRENT-1]}\")\n"
	"	[[ $compstate[quote] == \\' ]] || word=${(Q)PREFIX}\n"
	"	for line in \"${(@f)$(\"${before[1]/#\\~\\//$HOME/}\" completion words -- "
	"\"${(@)before[2,-1]}\" \"$word\" 2>/dev/null)}\"; do\n"
	"		case $line in\n"
	"		'') ;;\n"
	"		:files)\n"
	"			[[ $PREFIX == --*=* ]] && compset -P '*='\n"
	"			_files\n"
	"			;;\n"
	"		:directories)\n"
	"			[[ $PREFIX == --*=* ]] && compset -P '*='\n"
	"			_files -/\n"
	"			;;\n"
	"		*)\n"
	"			word=${line%%$'\\t'*}\n"
	"			word=${word//\\\\/\\\\\\\\}\n"
	"			candidates+=(\"${word//:/\\\\:}${${(M)line%$'\\t'*}/$'\\t'/:}\")\n"
	"			;;\n"
	"		esac\n"
	"	done\n"
	"	(( $#candidates )) && _describe carousel candidates\n"
	"}\n"
	"if [[ ${funcstack[1]} == _carousel ]]; then\n"
	"	_carousel \"$@\"\n"
	"else\n"
	"	compdef _carousel carousel\n"
	"fi\n";

static const char fish[] = "# fish completion for carousel: carousel completion fish | source\n"
			   "function __carousel_complete\n"
			   "	set -l words (commandline -opc)\n"
			   "	set -l word (commandline -ct)\n"
			   "	set word (string unescape -- \"$word\")\n"
			   "	for line in (command $words[1] completion words -- $words[2..-1] "
			   "\"$word\" 2>/dev/null)\n"
			   "		switch $line\n"
			   "			case :files\n"
			   "				__fish_complete_path \"$word\"\n"
			   "			case :directories\n"
			   "				__fish_complete_directories \"$word\"\n"
			   "			case '*'\n"
			   "				printf '%s\\n' $line\n"
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
