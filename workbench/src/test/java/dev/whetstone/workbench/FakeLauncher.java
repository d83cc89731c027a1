package dev.whetstone.workbench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/**
 * A launcher in shell that notes its arguments and makes what its {@code --out} names, with a
 * manifest whose content is the command: a room as small as can be.
 */
public final class FakeLauncher {
  private final Path script;
  private final Path calls;

  /** Writes the script into {@code folder}. {@code before} are its first lines. */
  public FakeLauncher(Path folder, String before) {
    script = folder.resolve("launcher");
    calls = folder.resolve("calls");
    String text =
        """
        #!/usr/bin/env bash
        set -eu
        echo "$*" >>'%s'
        %s
        out=''
        previous=''
        for argument in "$@"; do
          case $previous in --out | --db) out=$argument ;; esac
          previous=$argument
        done
        if [ "$1" = fetch ]; then out='%s/model'; fi
        case $out in
          *.db) echo "$*" >"$out" ;;
          *)
            mkdir -p "$out/adapter" "$out/api"
            echo '{"contenders": []}' >"$out/api/board.json"
            printf '{"content": "sha256:%%s"}' "$(echo "$*" | sha256sum | cut -c1-64)" >"$out/manifest.json"
            ;;
        esac
        echo "$1 is at work" >&2
        echo "$out"
        """
            .formatted(calls, before, folder);
    try {
      Files.createDirectories(folder);
      Files.writeString(script, text);
      Files.writeString(calls, "");
      Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  public Path script() {
    return script;
  }

  /** The command lines so far; those before the last {@link #forget} are gone. */
  public List<String> calls() {
    try {
      return Files.readAllLines(calls);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  public void forget() {
    try {
      Files.writeString(calls, "");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
