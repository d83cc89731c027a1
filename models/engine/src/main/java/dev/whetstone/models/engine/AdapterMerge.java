package dev.whetstone.models.engine;

import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Manifest;
import dev.whetstone.artifacts.model.AdapterFolder;
import dev.whetstone.artifacts.model.AdapterTensor;
import dev.whetstone.artifacts.model.AdapterTensor.Kind;
import dev.whetstone.artifacts.model.LoraConfig;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.artifacts.tensors.TensorSource;
import dev.whetstone.models.engine.family.DecoderConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Which weights an adapter changes, and how: {@code W + scale * B A} (PEFT, tuners/lora/layer.py,
 * merge), rows of which DoRA stretches to trained lengths (arXiv 2402.09353, equation 5), and
 * tensors that stand in place of the model's.
 */
final class AdapterMerge {
  private static final int NAMED_FAULTS = 6;

  /** A block's tensors have its number in their names. */
  private static final Pattern IN_BLOCK = Pattern.compile(".*\\.\\d+\\..*");

  private AdapterMerge() {}

  /**
   * The tensors of a module's pair, by their names in the adapter.
   *
   * @param down A, [R, I]
   * @param up B, [O, R]
   * @param magnitude lengths of the sum's rows, [O], of DoRA
   * @param scale of the product
   */
  record Pair(String down, String up, Optional<String> magnitude, double scale) {}

  /**
   * What becomes of a tensor of the model: first it is replaced, then a pair is added.
   *
   * @param replacement name of the adapter's tensor that stands in its place
   */
  record Change(Optional<String> replacement, Optional<Pair> pair) {}

  /** The changes by the names of the model's tensors, sorted. */
  static Map<String, Change> changes(TensorSource adapter, LoraConfig lora) {
    var replacements = new TreeMap<String, String>();
    var pairs = new TreeMap<String, Pair>();
    for (String name : adapter.names()) {
      AdapterTensor tensor = tensor(name);
      if (tensor.kind().replaces()) {
        replacements.put(tensor.base(), name);
      } else if (tensor.kind() == Kind.DOWN) {
        pairs.put(
            tensor.base(),
            new Pair(
                name,
                tensor.other(Kind.UP).name(),
                Optional.of(tensor.other(Kind.MAGNITUDE).name()).filter(any -> lora.dora()),
                lora.scale(tensor.module())));
      }
    }
    var changed = new TreeSet<>(replacements.keySet());
    changed.addAll(pairs.keySet());
    var changes = new TreeMap<String, Change>();
    for (String name : changed) {
      changes.put(
          name,
          new Change(
              Optional.ofNullable(replacements.get(name)), Optional.ofNullable(pairs.get(name))));
    }
    return changes;
  }

  private static AdapterTensor tensor(String name) {
    return AdapterTensor.of(name)
        .orElseThrow(() -> new IllegalStateException(name + " was checked by AdapterFolder"));
  }

  /**
   * Whether a model's one tensor for embedding and vocabulary projection becomes two, since an
   * adapter changes one of them.
   */
  static boolean unties(TensorSource adapter, DecoderConfig config) {
    Set<String> ends = Set.of(config.layout().embedding(), config.layout().head());
    return config.tied() && adapter.names().stream().anyMatch(n -> ends.contains(tensor(n).base()));
  }

  /**
   * The configuration of a model that an adapter unties; empty if it does not. Only an adapter that
   * reaches beyond the blocks needs a family that is known.
   */
  static Optional<DecoderConfig> untied(TensorSource adapter, ModelFolder model) {
    if (adapter.names().stream().allMatch(n -> IN_BLOCK.matcher(tensor(n).base()).matches())) {
      return Optional.empty();
    }
    DecoderConfig config = DecoderConfig.of(model);
    return Optional.of(config).filter(any -> unties(adapter, config));
  }

  /**
   * Checks that an adapter fits a model.
   *
   * @param shapes of the model's tensors by name
   * @throws BadInputException that names every tensor that does not
   */
  static void check(
      TensorSource adapter, Map<String, List<Long>> shapes, Path adapterFolder, Path model) {
    var faults = new ArrayList<String>();
    for (String name : new TreeSet<>(adapter.names())) {
      AdapterTensor tensor = tensor(name);
      Optional<List<Long>> base = Optional.ofNullable(shapes.get(tensor.base()));
      fault(tensor, adapter.shape(name), base).ifPresent(what -> faults.add(name + what));
    }
    if (!faults.isEmpty()) {
      throw new BadInputException(
          "%s: %d tensors do not fit %s: %s%s. Was it trained on another base model?"
              .formatted(
                  adapterFolder,
                  faults.size(),
                  model,
                  String.join("; ", faults.subList(0, Math.min(NAMED_FAULTS, faults.size()))),
                  faults.size() > NAMED_FAULTS ? "; …" : ""));
    }
  }

  /** What is wrong with a tensor, to follow its name. */
  private static Optional<String> fault(
      AdapterTensor tensor, List<Long> found, Optional<List<Long>> base) {
    if (tensor.kind() == Kind.SPARE || tensor.kind() == Kind.ORIGINAL) {
      return Optional.empty();
    }
    if (tensor.kind().replaces()) {
      return base.isEmpty()
          ? Optional.of(" stands for a tensor that the model does not have")
          : different(found, base.get());
    }
    if (base.isEmpty() || base.get().size() != 2) {
      return Optional.of(" adapts a module that the model does not have");
    }
    long out = base.get().get(0);
    long in = base.get().get(1);
    return switch (tensor.kind()) {
      case DOWN -> different(found, List.of(found.get(0), in));
      case UP -> different(found, List.of(out, found.get(1)));
      case MAGNITUDE -> different(found, List.of(out));
      case WEIGHT, BIAS, ADAPTED_WEIGHT, ADAPTED_BIAS, SPARE, ORIGINAL -> Optional.empty();
    };
  }

  private static Optional<String> different(List<Long> found, List<Long> expected) {
    return found.equals(expected)
        ? Optional.empty()
        : Optional.of(" is %s, expected %s".formatted(found, expected));
  }

  /**
   * Says on standard error that an adapter fits, but was trained on other weights: those of the
   * same model in another type are legal, those of a sibling rarely what was meant.
   */
  static void tellOfOtherBase(ModelFolder model, AdapterFolder adapter) {
    Optional<String> content = model.manifest().map(Manifest::content);
    Optional<Ancestor> base = Ancestor.newest(adapter.config().lineage(), "model");
    if (content.isPresent() && base.isPresent() && !base.get().content().equals(content.get())) {
      System.err.printf(
          "%s: was trained on %s with other weights than those of %s; compare with the model that"
              + " it was trained on.%n",
          adapter.path(), base.get().name(), model.path());
    }
  }
}
