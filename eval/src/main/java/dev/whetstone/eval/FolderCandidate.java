package dev.whetstone.eval;

import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.model.AdapterFolder;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.models.engine.LanguageModel;
import dev.whetstone.models.engine.LoadedModel;
import dev.whetstone.models.engine.Numerics;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A model folder, with or without an adapter folder. */
final class FolderCandidate implements Candidate {
  private final ModelFolder model;
  private final Optional<AdapterFolder> adapter;
  private final Ancestor modelAncestor;
  private final Optional<Ancestor> adapterAncestor;

  private FolderCandidate(ModelFolder model, Optional<AdapterFolder> adapter) {
    this.model = model;
    this.adapter = adapter;
    this.modelAncestor = model.asAncestor();
    this.adapterAncestor = adapter.map(AdapterFolder::asAncestor);
  }

  /**
   * Checks and hashes the folders.
   *
   * @param adapter empty for none
   * @throws BadInputException if a folder is missing or not what it should be
   */
  static FolderCandidate open(String model, String adapter) {
    return new FolderCandidate(
        ModelFolder.open(Path.of(model)),
        adapter.isEmpty() ? Optional.empty() : Optional.of(AdapterFolder.open(Path.of(adapter))));
  }

  @Override
  public Map<String, String> modelArgs() {
    var arguments = new LinkedHashMap<String, String>();
    arguments.put("pretrained", model.path().toString());
    adapter.ifPresent(folder -> arguments.put("peft", folder.path().toString()));
    return arguments;
  }

  @Override
  public Map<String, String> inputs() {
    var inputs = new TreeMap<String, String>();
    inputs.put("model", modelAncestor.content());
    adapterAncestor.ifPresent(ancestor -> inputs.put("adapter", ancestor.content()));
    return inputs;
  }

  /** What the adapter was trained from comes before the model, which comes before the adapter. */
  @Override
  public List<Ancestor> lineage() {
    var lineage = new ArrayList<Ancestor>();
    adapter.ifPresent(folder -> lineage.addAll(folder.config().lineage()));
    lineage.removeIf(
        ancestor ->
            ancestor.kind().equals("model") && ancestor.content().equals(modelAncestor.content()));
    lineage.add(modelAncestor);
    adapterAncestor.ifPresent(lineage::add);
    return lineage;
  }

  @Override
  public long parameters() {
    return model.parameters();
  }

  @Override
  public Optional<String> chatTemplate() {
    return model.chatTemplate();
  }

  @Override
  public LanguageModel open(int tokenBudget, Numerics numerics) {
    return LoadedModel.open(model, adapter, tokenBudget, numerics);
  }
}
