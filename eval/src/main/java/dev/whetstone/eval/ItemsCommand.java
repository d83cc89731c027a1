package dev.whetstone.eval;

import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "items",
    mixinStandardHelpOptions = true,
    description =
        "Writes the items of benchmarks as a model is asked them: question, right answer first,"
            + " hashes. \"prepare\" removes training rows that contain one.",
    footer = {
      "",
      "Example:",
      "  whetstone items --tasks orders,general --include-path tasks --out out/items"
    })
final class ItemsCommand implements Callable<Integer> {
  @Option(
      names = "--tasks",
      required = true,
      split = ",",
      description = "Names of tasks or tags, or paths of task files, with commas between.")
  private List<String> tasks;

  @Option(
      names = {"--include-path", "--include_path"},
      description = "Folder of task files (lm-eval's YAML).")
  private Path includePath;

  @Option(
      names = {"--out", "--output-path", "--output_path"},
      required = true,
      description = "Folder to write.")
  private Path out;

  @Option(names = "--overwrite", description = "Replace a finished folder of other work.")
  private boolean overwrite;

  @Override
  public Integer call() {
    var folder =
        ItemsRun.run(
            tasks,
            Optional.ofNullable(includePath),
            out,
            overwrite,
            Clock.system(ZoneId.systemDefault()));
    System.out.println(folder.path());
    return 0;
  }
}
