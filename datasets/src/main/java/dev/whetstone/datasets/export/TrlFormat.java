package dev.whetstone.datasets.export;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.datasets.PrepareConfig.LossOn;
import java.util.Optional;

/**
 * TRL 1.16 (docs/source/dataset_formats.md): {@code messages} for SFT, {@code prompt, completion}
 * where only the last answer is learned, {@code prompt, chosen, rejected} for DPO, {@code prompt,
 * completion, label} for KTO. Tools are JSON text, as its trainers read it (sft_trainer.py,
 * tokenize_fn): as objects, Arrow would give every schema the keys of all others.
 */
final class TrlFormat implements ExportFormat {
  @Override
  public String key() {
    return "trl";
  }

  @Override
  public String meaning() {
    return "load_dataset(\"json\", data_files=...); rows for SFTTrainer, DPOTrainer or KTOTrainer";
  }

  @Override
  public Line line(ExportRow row, LossOn lossOn) {
    ObjectNode line = Json.mapper().createObjectNode();
    int last = row.messages().size() - 1;
    if (row.isPair()) {
      line.set("prompt", ExportRow.array(row.prompt()));
      line.set("chosen", ExportRow.array(row.answer()));
      line.set("rejected", ExportRow.array(row.rejected()));
    } else if (row.label().isPresent()) {
      line.set("prompt", ExportRow.array(row.prompt()));
      line.set("completion", ExportRow.array(row.answer()));
      line.put("label", row.label().get());
    } else if (lossOn == LossOn.COMPLETION && last > 0) {
      line.set("prompt", ExportRow.array(row.messages().subList(0, last)));
      line.set("completion", ExportRow.array(row.messages().subList(last, last + 1)));
    } else {
      line.set(DatasetFolder.MESSAGES, ExportRow.array(row.messages()));
    }
    row.tools().ifPresent(tools -> line.put("tools", tools.toString()));
    boolean said = row.messages().stream().anyMatch(turn -> turn.has(ExportRow.LOSS));
    return new Line(
        Optional.of(line),
        said ? "TRL does not read what a turn counts; it will train on all answers alike" : "");
  }
}
