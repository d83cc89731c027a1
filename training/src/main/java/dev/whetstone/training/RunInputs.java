package dev.whetstone.training;

import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.ContentHash;
import dev.whetstone.artifacts.Publish;
import dev.whetstone.artifacts.StepId;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.artifacts.dataset.DatasetFolder.LabelledRow;
import dev.whetstone.artifacts.dataset.DatasetFolder.TokenPair;
import dev.whetstone.artifacts.model.AdapterFolder;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.training.TrainConfig.LossOn;
import dev.whetstone.training.loop.LabelledWork;
import dev.whetstone.training.loop.PackWork;
import dev.whetstone.training.loop.PairWork;
import dev.whetstone.training.loop.Work;
import dev.whetstone.training.plan.TrainingRows;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The folders that a run reads, opened and checked against one another.
 *
 * @param modelLink the model as a link of a lineage: its content is that of all its weights, which
 *     may have to be read for it
 * @param adapter that training goes on from
 */
record RunInputs(
    DatasetFolder dataset, ModelFolder model, Ancestor modelLink, Optional<AdapterFolder> adapter) {
  /** Raised by hand when the same section and inputs would give another adapter. */
  private static final int BEHAVIOUR = 2;

  private static final String VALIDATION = "validation";

  /** Tokens of a forward pass over pairs and labelled answers, which have no pack plan. */
  private static final int ROW_TOKENS = 1024;

  static RunInputs open(TrainConfig config) {
    DatasetFolder dataset = DatasetFolder.open(Path.of(config.dataset()));
    ModelFolder model = ModelFolder.open(Path.of(config.model()));
    var inputs =
        new RunInputs(
            dataset,
            model,
            model.asAncestor(),
            config.adapter().isEmpty()
                ? Optional.empty()
                : Optional.of(AdapterFolder.open(Path.of(config.adapter()))));
    inputs.checkLossOn(config);
    inputs.checkTokenizer();
    return inputs;
  }

  /** Content hashes by name. */
  Map<String, String> hashes() {
    var hashes = new TreeMap<String, String>();
    hashes.put("dataset", dataset.manifest().content());
    hashes.put("model", modelLink.content());
    adapter.ifPresent(from -> hashes.put("adapter", from.content()));
    return hashes;
  }

  /** The section without the places of its inputs: those enter an id by their contents. */
  String id(TrainConfig config) {
    var work = new TreeMap<>(hashes());
    // What the rows' owner allows travels in the adapter's lineage, so another word is other work.
    if (!published().equals(Publish.UNSAID.key())) {
      work.put(Publish.KEY, published());
    }
    return StepId.of("train", BEHAVIOUR, config.withPlaces("", "", "").withoutSweep(), work);
  }

  String published() {
    return dataset.manifest().recipe().path(Publish.KEY).asText(Publish.UNSAID.key());
  }

  private void checkLossOn(TrainConfig config) {
    String prepared = dataset.manifest().recipe().path("loss_on").asText("assistant");
    if (config.objective().kind().takesAnswers()) {
      return; // what is compared are answers, whatever a row's other turns are
    }
    if (config.lossOn() != LossOn.ALL && !prepared.equals(config.lossOn().key())) {
      throw new BadInputException(
          "%s: its labels are for loss_on %s, the recipe trains with loss_on %s; prepare it again with prepare.loss_on."
              .formatted(dataset.path(), prepared, config.lossOn().key()));
    }
  }

  /** Ids of another tokenizer would be other words, without any sign of it. */
  private void checkTokenizer() {
    String prepared = dataset.manifest().inputs().get("tokenizer");
    String own = "sha256:" + ContentHash.sha256(model.tokenizerFile());
    if (prepared != null && !prepared.equals(own)) {
      throw new BadInputException(
          "%s: was prepared with another tokenizer than that of %s; prepare it again with this model."
              .formatted(dataset.path(), model.path()));
    }
  }

  /** The training split as the objective's examples. */
  Work training(TrainConfig config) {
    Work work = work(config, "train");
    if (work.examples() == 0) {
      throw new BadInputException(
          "%s: the split train has no rows to train on.".formatted(dataset.path()));
    }
    return work;
  }

  /** The validation split, where there is one with rows. */
  Optional<Work> validation(TrainConfig config) {
    if (!dataset.splits().contains(VALIDATION) || dataset.rowCount(VALIDATION) == 0) {
      return Optional.empty();
    }
    return Optional.of(work(config, VALIDATION));
  }

  private Work work(TrainConfig config, String split) {
    if (config.objective().kind().takesPairs()) {
      List<TokenPair> pairs = new ArrayList<>();
      try (var rows = dataset.pairs(split)) {
        rows.forEachRemaining(pairs::add);
      }
      return new PairWork(pairs, config.objective(), ROW_TOKENS);
    }
    if (config.objective().kind().takesAnswers()) {
      List<LabelledRow> answers = new ArrayList<>();
      try (var rows = dataset.labelledRows(split)) {
        rows.forEachRemaining(answers::add);
      }
      return new LabelledWork(answers, config.objective(), ROW_TOKENS);
    }
    return new PackWork(
        TrainingRows.read(dataset, split, config.packLength(), config.lossOn() == LossOn.ALL), 1);
  }
}
