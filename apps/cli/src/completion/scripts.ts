/** Shells that a completion can be printed for. */
export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

// Our own rather than the library's: those evaluate what is typed as shell code, so that Tab behind $(…) would run it.

const bash = `# bash completion for countersign
_countersign() {
  local words=() word glue=0 line
  # Bash breaks words at = and :, the program does not.
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD}"; do
    if [[ $word == [=:] ]] && ((\${#words[@]})); then words[-1]+=$word glue=1
    elif ((glue)); then words[-1]+=$word glue=0
    else words+=("$word"); fi
  done
  COMPREPLY=()
  while IFS= read -r line; do
    [[ $line == :[0-9]* ]] || COMPREPLY+=("\${line%%$'\\t'*}")
  done < <(countersign complete -- "\${words[@]}" 2>/dev/null)
  [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == */ ]] && compopt -o nospace
  return 0
}
complete -o nosort -F _countersign countersign
`;

const zsh = `#compdef countersign
_countersign() {
  local line
  local -a described
  for line in "\${(@f)$(countersign complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -z $line || $line == :<-> ]] && continue
    described+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  _describe -V countersign described
}
if [[ $funcstack[1] == _countersign ]]; then _countersign "$@"; else compdef _countersign countersign; fi
`;

const fish = `# fish completion for countersign
function __countersign_complete
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  test (count $current) -eq 0; and set current ''
  countersign complete -- $words[2..-1] $current 2>/dev/null | string match -rv '^:\\d+$'
end
complete -c countersign -f -k -a '(__countersign_complete)'
`;

/** What a shell loads once; it asks \`countersign complete -- WORDS\` at each Tab. */
export const completionScripts: Readonly<Record<Shell, string>> = { bash, zsh, fish };
