"""What people see: the header, the tabs and the host's page; the only room that knows Gradio."""
