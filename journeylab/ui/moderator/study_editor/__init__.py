"""The study editor: one dialog for new and existing studies, over a stack of study values."""
