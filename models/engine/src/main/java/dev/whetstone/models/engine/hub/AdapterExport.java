package dev.whetstone.models.engine.hub;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.model.AdapterFolder;
import dev.whetstone.artifacts.model.AdapterTensor;
import dev.whetstone.artifacts.model.AdapterTensor.Kind;
import dev.whetstone.artifacts.model.LoraConfig;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.artifacts.tensors.Gguf;
import dev.whetstone.artifacts.tensors.Gguf.Output;
import dev.whetstone.artifacts.tensors.GgufType;
import dev.whetstone.artifacts.tensors.TensorSource;
import dev.whetstone.models.engine.family.DecoderConfig;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;

/**
 * A LoRA adapter in llama.cpp's layout (convert_lora_to_gguf.py): tensors {@code <name>.lora_a} [R,
 * I] and {@code <name>.lora_b} [O, R], float32, rows of B in the order of the base's rows.
 *
 * <p>llama.cpp scales every update by {@code adapter.lora.alpha / rank}, the rank being that of the
 * tensor (src/llama-adapter.h, get_scale). rsLoRA, which its converter does not read, is folded
 * into that one alpha: {@code alpha * sqrt(rank)}. A module to which patterns give another scale
 * gets the rest of it into its B.
 */
public final class AdapterExport {
  /** Relative; a scale that differs by less is the same one, computed in another order. */
  private static final double SAME_SCALE = 1e-12;

  private AdapterExport() {}

  /**
   * Writes {@code file} by atomic rename.
   *
   * @param base the model that the adapter fits
   * @throws BadInputException if llama.cpp's layout has no place for a part of the adapter
   */
  public static void write(AdapterFolder adapter, ModelFolder base, Path file) {
    String where = base.path() + "/config.json";
    GgufFamily family = GgufFamily.of(base.config(), where);
    DecoderConfig decoder = DecoderConfig.of(base.config(), where);
    LoraConfig lora = adapter.config().lora();
    double alpha = lora.alpha() * (lora.rsLora() ? Math.sqrt(lora.rank()) : 1);
    try (TensorSource source = adapter.tensors()) {
      refuse(adapter, base, decoder, source);
      var names = new LinkedHashMap<String, String>();
      var rest = new HashMap<String, Double>();
      for (String name : new TreeSet<>(source.names())) {
        AdapterTensor tensor = AdapterTensor.of(name).orElseThrow();
        String matrix = GgufFamily.fileName(tensor.base()).orElseThrow();
        names.put(matrix + (tensor.kind() == Kind.DOWN ? ".lora_a" : ".lora_b"), name);
        String module = tensor.module();
        double factor = lora.scale(module) * lora.rank(module) / alpha;
        if (tensor.kind() == Kind.UP && Math.abs(factor - 1) > SAME_SCALE) {
          rest.put(matrix + ".lora_b", factor);
        }
      }
      TensorSource reordered =
          new ReorderedTensors(
              source,
              names,
              ReorderedTensors.Order.NEIGHBOURS,
              family.interleaved(
                  names.keySet(),
                  decoder.attention().heads(),
                  decoder.attention().keyValueHeads()));
      var outputs = new ArrayList<Output>();
      names.keySet().forEach(name -> outputs.add(new Output(name, name, GgufType.F32)));
      var metadata = new LinkedHashMap<String, Object>();
      metadata.put("general.architecture", family.architecture());
      metadata.put("general.type", "adapter");
      metadata.put("general.name", adapter.asAncestor().name());
      metadata.put("adapter.type", "lora");
      metadata.put("adapter.lora.alpha", alpha);
      Gguf.write(file, metadata, new Scaled(reordered, rest), outputs);
    }
  }

  private static void refuse(
      AdapterFolder adapter, ModelFolder base, DecoderConfig decoder, TensorSource tensors) {
    LoraConfig lora = adapter.config().lora();
    var parts = new TreeSet<String>();
    if (lora.dora()) {
      parts.add("row lengths (DoRA)");
    }
    for (String name : tensors.names()) {
      AdapterTensor tensor = AdapterTensor.of(name).orElseThrow();
      switch (tensor.kind()) {
        case WEIGHT, ADAPTED_WEIGHT -> parts.add("saved " + tensor.module());
        case BIAS, ADAPTED_BIAS, SPARE, ORIGINAL -> parts.add("biases");
        case MAGNITUDE -> {}
        case DOWN, UP -> {
          boolean tied = tensor.base().equals(decoder.layout().head()) && decoder.tied();
          boolean isEmbedding = tensor.base().equals(decoder.layout().embedding());
          if (tied || isEmbedding || GgufFamily.fileName(tensor.base()).isEmpty()) {
            parts.add("a change of " + tensor.module());
          }
        }
      }
    }
    if (!parts.isEmpty()) {
      throw new BadInputException(
          "%s: llama.cpp's adapters have no place for %s; merge it first: whetstone merge --model %s --adapter %s --out DIR, then whetstone export DIR --to gguf-f16."
              .formatted(adapter.path(), String.join(", ", parts), base.path(), adapter.path()));
    }
  }

  /** Tensors of which some are multiplied. */
  private static final class Scaled extends TensorView {
    private final Map<String, Double> factorByName;

    Scaled(TensorSource source, Map<String, Double> factorByName) {
      super(source, same(source));
      this.factorByName = Map.copyOf(factorByName);
    }

    private static Map<String, String> same(TensorSource source) {
      var names = new LinkedHashMap<String, String>();
      source.names().forEach(name -> names.put(name, name));
      return names;
    }

    @Override
    public void read(String name, long first, FloatBuffer into) {
      int start = into.position();
      super.read(name, first, into);
      if (factorByName.containsKey(name)) {
        double factor = factorByName.get(name);
        for (int i = start; i < into.position(); i++) {
          into.put(i, (float) (factor * into.get(i)));
        }
      }
    }
  }
}
