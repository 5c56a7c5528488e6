"""What the stages ask of chat models: questions with their schemas and drafts, and the checks of answers."""
