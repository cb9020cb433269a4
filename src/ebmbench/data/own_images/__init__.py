"""Parts of the plug-ins ``image_folder`` and ``image_archive``: decoding, arrays, sizes and channels, splits."""
