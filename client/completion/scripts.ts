/** Each asks the program itself at every Tab: what it offers is what this version knows, and temporal.yaml has. */
export const completionScripts = {
  bash: `# mssql-pitr: completion for bash. In ~/.bashrc: source <(mssql-pitr completion bash)
_mssql_pitr() {
  local IFS=$'\\n'
  COMPREPLY=($(mssql-pitr completion candidates -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _mssql_pitr mssql-pitr
`,
  zsh: `#compdef mssql-pitr
# mssql-pitr: completion for zsh. In ~/.zshrc, after compinit: source <(mssql-pitr completion zsh)
_mssql_pitr() {
  local -a found
  found=(\${(f)"$(mssql-pitr completion candidates -- "\${(@)words[2,CURRENT]}" 2>/dev/null)"})
  if (( \${#found} )); then compadd -- $found; else _files; fi
}
compdef _mssql_pitr mssql-pitr
`,
  fish: `# mssql-pitr: completion for fish. mssql-pitr completion fish > ~/.config/fish/completions/mssql-pitr.fish
function __mssql_pitr
    set -l words (commandline -opc) (commandline -ct)
    mssql-pitr completion candidates -- $words[2..-1] 2>/dev/null
end
complete -c mssql-pitr -f -a '(__mssql_pitr)'
`,
} as const;
