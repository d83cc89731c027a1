package dev.whetstone.datasets;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.datasets.export.ExportFiles;
import dev.whetstone.datasets.export.ExportFormat;
import dev.whetstone.datasets.export.ExportFormats;
import dev.whetstone.datasets.export.PackedFolder;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
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
      "like, or JSON Lines as a trainer reads them. What a trainer cannot take is left out and",
      "counted. Prints the folder."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  whetstone export out/dataset --packed 1024 --out out/packed",
      "  whetstone export out/dataset --to llama-factory --out out/llama-factory",
      "",
      "Models and adapters are exported too, as GGUF or bfloat16 safetensors. More is told by:",
      "  whetstone export --to gguf --help"
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
        description =
            "rows packed to this length: input_ids, labels, seq_lengths; a plan is made where the"
                + " data set has none")
    private Integer packed;

    @Option(
        names = "--to",
        paramLabel = "TRAINER",
        description = "messages, trl, llama-factory, ms-swift or openai: a file per split")
    private String to = "";

    @Option(names = "--jsonl", description = "the same as --to messages")
    private boolean jsonl;
  }

  @Override
  public Integer call() {
    DatasetFolder folder = DatasetFolder.open(dataset);
    if (form.packed != null) {
      if (form.packed < 2) {
        throw new BadInputException(
            "--packed: expected at least 2 tokens, found " + form.packed + ".");
      }
      PackedFolder.write(folder, form.packed, out, overwrite, Clock.systemUTC());
    } else {
      ExportFormat format = format(form.jsonl ? "messages" : form.to);
      ExportFiles.write(folder, format, out, overwrite);
      System.err.printf("export: %s%n", format.meaning());
    }
    System.out.println(out);
    return 0;
  }

  private static ExportFormat format(String name) {
    return ExportFormats.ALL.stream()
        .filter(format -> format.key().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new BadInputException(
                    "--to: unknown trainer \"%s\"; known: %s."
                        .formatted(
                            name,
                            ExportFormats.ALL.stream()
                                .map(ExportFormat::key)
                                .collect(Collectors.joining(", ")))));
  }
}
