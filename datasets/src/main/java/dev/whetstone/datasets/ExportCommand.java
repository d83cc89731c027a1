package dev.whetstone.datasets;

import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.datasets.export.MessageLines;
import dev.whetstone.datasets.export.PackedFolder;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code whetstone export} of a dataset. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Writes a prepared data set for other tools: packed rows for TRL (padding_free=True) and the",
      "like, or JSON Lines of messages. Prints the folder."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  whetstone export out/dataset --packed 1024 --out out/packed",
      "  whetstone export out/dataset --jsonl --out out/jsonl"
    })
final class ExportCommand implements Callable<Integer> {
  @Parameters(paramLabel = "DATASET", description = "folder that prepare made")
  private Path dataset;

  @ArgGroup(exclusive = true, multiplicity = "1")
  private Form form;

  @Option(names = "--out", required = true, paramLabel = "DIR", description = "folder to make")
  private Path out;

  @Option(names = "--overwrite", description = "replace what is there")
  private boolean overwrite;

  /** One of the forms. */
  private static final class Form {
    @Option(
        names = "--packed",
        paramLabel = "TOKENS",
        description = "rows packed to this length: input_ids, labels, seq_lengths")
    private int packed;

    @Option(names = "--jsonl", description = "messages, one JSON object a line")
    private boolean jsonl;
  }

  @Override
  public Integer call() {
    DatasetFolder folder = DatasetFolder.open(dataset);
    if (form.jsonl) {
      MessageLines.write(folder, out, overwrite);
    } else {
      PackedFolder.write(folder, form.packed, out, overwrite, Clock.systemUTC());
    }
    System.out.println(out);
    return 0;
  }
}
