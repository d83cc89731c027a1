package dev.whetstone.leaderboard.schedule;

import dev.whetstone.leaderboard.TinyResults;
import dev.whetstone.leaderboard.entry.Entry;
import dev.whetstone.leaderboard.intake.ResultReader;
import dev.whetstone.leaderboard.job.Job;
import dev.whetstone.leaderboard.store.BoardStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;

/**
 * Stands for the {@code whetstone} script: a shell script whose evaluation answers question by
 * question into an append-only file, goes on where it was, and ends with a tiny finished result.
 */
final class TinyLauncher {
  static final int ANSWERS = 60;

  private TinyLauncher() {}

  /** Writes the script. Its result is better than the baseline of {@link #job}. */
  static Path evaluating(Path folder, String secondsAnAnswer) {
    Path result =
        TinyResults.ofAdapter("tiny", "tiny-orders")
            .right(0.95, 0.5, 2)
            .write(folder.resolve("made"));
    return script(
        folder,
        """
        mkdir -p "$out"
        i=1
        while [ $i -le %d ]; do
          if ! grep -q "^answer $i " "$out/answers" 2>/dev/null; then
            sleep %s
            echo "answer $i $$" >> "$out/answers"
          fi
          i=$((i+1))
        done
        cp '%s'/results_* '%s'/samples_* "$out"
        cp '%s/manifest.json' "$out/unfinished"
        mv "$out/unfinished" "$out/manifest.json"
        echo "$out"
        """
            .formatted(ANSWERS, secondsAnAnswer, result, result, result));
  }

  /** Writes a script; {@code $out} is the result folder that it was told. */
  static Path script(Path folder, String body) {
    try {
      Path file = folder.resolve("whetstone.sh");
      Files.writeString(file, "#!/bin/sh\nfor out; do :; done\n" + body);
      return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Puts a baseline and a job that is due at once on a board. */
  static Job job(BoardStore board, Path folder, String name) {
    Entry baseline =
        ResultReader.read(
            TinyResults.ofBase("tiny", 0).right(0.1, 0.5, 1).write(folder.resolve("baseline")), "");
    board.add(baseline);
    var job =
        new Job(
            name,
            "0 3 * * *",
            ZoneOffset.UTC,
            folder,
            List.of("--model", "m"),
            baseline.key(),
            Instant.now().minusSeconds(1));
    board.schedule().add(job);
    return job;
  }
}
