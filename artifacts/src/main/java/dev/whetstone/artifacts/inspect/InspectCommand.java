package dev.whetstone.artifacts.inspect;

import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.artifacts.model.HubCache;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code inspect}: what an artifact is, what is in it and where it came from. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    description = "Says what an artifact is, what is in it, how it was made and from what.",
    footer = {
      "",
      "Examples:",
      "  whetstone inspect out/dataset",
      "  whetstone inspect out/dataset --row orders-17",
      "  whetstone inspect out/run/adapter --json",
      "  whetstone inspect model.gguf"
    })
public final class InspectCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "PATH",
      description =
          "A dataset, items, model, run, adapter or result folder, or a .safetensors or .gguf"
              + " file, or a hub name that was fetched.")
  private Path path;

  @Option(
      names = "--row",
      paramLabel = "ID",
      description =
          "Show what became of the row with this id: its messages, scores and tokens where it was"
              + " kept, why it was dropped where it was not, and its duplicates.")
  private String row;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    if (row != null) {
      RowFate fate = RowFate.find(DatasetFolder.open(path), row);
      out.print(json ? Json.pretty(fate) : fate.text());
    } else {
      Inspection inspection = Inspector.inspect(HubCache.locate(path));
      out.print(json ? Json.pretty(inspection) : inspection.text());
    }
    out.flush();
    return 0;
  }
}
