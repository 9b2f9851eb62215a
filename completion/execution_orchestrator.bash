# Completes the arguments of `ros2 run execution_orchestrator COMMAND`; everything else as before.
# Source it behind ROS's own setup file, in bash or in a zsh with bashcompinit.

_execution_orchestrator_before=$(complete -p ros2 2>/dev/null | sed -n 's/.* -F \([^ ]*\) .*/\1/p')

_execution_orchestrator_ros2() {
  if [[ ${COMP_WORDS[1]} == run && ${COMP_WORDS[2]} == execution_orchestrator && $COMP_CWORD -ge 4 ]]; then
    local line="${COMP_LINE#*execution_orchestrator }" IFS=$'\n'
    local point=$((COMP_POINT - ${#COMP_LINE} + ${#line}))
    COMPREPLY=($(COMP_LINE="$line" COMP_POINT="$point" ros2 run execution_orchestrator completions 2>/dev/null))
  elif [[ -n $_execution_orchestrator_before ]]; then
    "$_execution_orchestrator_before" "$@"
  fi
}

complete -o nospace -o default -o bashdefault -F _execution_orchestrator_ros2 ros2
