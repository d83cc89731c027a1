/**
 * What a package for people without Maven holds, and its archive: equal builds give equal bytes.
 */
package dev.whetstone.workbench.distribution;
