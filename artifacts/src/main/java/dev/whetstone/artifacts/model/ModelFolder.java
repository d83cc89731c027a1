package dev.whetstone.artifacts.model;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.artifacts.tensors.TensorSource;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A model folder as transformers writes it: {@code config.json}, {@code tokenizer.json}, weights,
 * {@code tokenizer_config.json}, {@code chat_template.jinja}, {@code generation_config.json}. A
 * manifest is there only where Whetstone made or fetched the folder.
 */
public record ModelFolder(Path path) {
  public static final String FORMAT = "whetstone.model/1";

  /** Opens a folder and checks that config, tokenizer and weights are there. */
  public static ModelFolder open(Path folder) {
    throw new UnsupportedOperationException(folder.toString());
  }

  /** {@code config.json}. */
  public JsonNode config() {
    throw new UnsupportedOperationException();
  }

  /** {@code tokenizer_config.json}, or an empty object. */
  public JsonNode tokenizerConfig() {
    throw new UnsupportedOperationException();
  }

  public Path tokenizerJson() {
    return path.resolve("tokenizer.json");
  }

  /** {@code chat_template.jinja}, else {@code chat_template} of the tokenizer's configuration. */
  public Optional<String> chatTemplate() {
    throw new UnsupportedOperationException();
  }

  /** The weights, named as transformers names them. The caller closes them. */
  public TensorSource weights() {
    throw new UnsupportedOperationException();
  }

  /**
   * Content hash of config, tokenizer, template and weights; from the manifest where there is one.
   */
  public String content() {
    throw new UnsupportedOperationException();
  }

  /** This model as a link of a lineage, with its name, source and licence as far as known. */
  public Ancestor asAncestor() {
    throw new UnsupportedOperationException();
  }
}
