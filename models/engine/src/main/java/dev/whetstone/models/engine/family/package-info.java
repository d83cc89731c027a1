/**
 * Model families: what a {@code config.json} says about the forward pass, and how the tensors of a
 * family's files are named. A new family is one file and one line in {@link
 * dev.whetstone.models.engine.family.Families}.
 */
package dev.whetstone.models.engine.family;
