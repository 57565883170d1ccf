# shellcheck shell=bash
# What the scripts share.

have() { command -v "$1" >/dev/null 2>&1; }

# Under sudo the build belongs to the user behind it: their cargo, their target/.
as_caller() {
  if [ "$(id -u)" = 0 ] && [ -n "${SUDO_USER-}" ] && [ "$SUDO_USER" != root ]; then
    # shellcheck disable=SC2016 # expanded by the inner shell
    sudo -u "$SUDO_USER" -H bash -lc 'cd "$1" && shift && "$@"' - "$PWD" "$@"
  else
    "$@"
  fi
}
