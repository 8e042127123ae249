/**
 * The file a restart continues from. Its content is one CBOR object (RFC 8949): a head, and a section for each part of the
 * program that keeps something.
 *
 * <p>A section is an object of named fields, written with {@link FieldWriter} and read with {@link FieldReader}. So that the
 * next version reads what this one wrote:
 *
 * <ul>
 *   <li>Add a field by a line where its object is written and one where it is read. Where it is missing, reading leaves the
 *       default: what the variable or {@link Fields} getter begins with.
 *   <li>Remove a field by removing these lines. Readers skip what they do not know.
 *   <li>Never give a name another type, unit or meaning: take another name.
 * </ul>
 *
 * <p>Each change needs a new golden file; {@code GoldenCheckpointTest} says how.
 */
@NullMarked
package io.mlflowexporter.checkpoint;

import org.jspecify.annotations.NullMarked;
