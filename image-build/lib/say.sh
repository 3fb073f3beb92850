# How a build says what it does, and why it ends. Sourced.
# shellcheck shell=bash

BUILD_BEGAN=${BUILD_BEGAN:-$(date +%s)}
export BUILD_BEGAN

say() {
  printf '[%4ds] %s\n' "$(($(date +%s) - BUILD_BEGAN))" "$*" >&2
}

die() {
  printf 'build.sh: %s\n' "$*" >&2
  exit 1
}
