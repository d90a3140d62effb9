import { view } from '../view.ts';

/** Keys, certificates and credentials can't be made in this server, nor backup devices and extended properties. */
export const encryptionViews = [
  view({
    name: 'sys.certificates',
    columns: `
      name sysname, certificate_id int, principal_id int null, pvt_key_encryption_type char(2),
      pvt_key_encryption_type_desc nvarchar(60) null, is_active_for_begin_dialog bit null,
      issuer_name nvarchar(442) null, cert_serial_number nvarchar(64) null, sid varbinary(85) null,
      string_sid nvarchar(128) null, subject nvarchar(4000) null, expiry_date datetime null, start_date datetime null,
      thumbprint varbinary(32), attested_by nvarchar(260) null, pvt_key_last_backup_date datetime null,
      key_length int null`,
  }),
  view({
    name: 'sys.asymmetric_keys',
    columns: `
      name sysname, principal_id int null, asymmetric_key_id int, pvt_key_encryption_type char(2),
      pvt_key_encryption_type_desc nvarchar(60) null, thumbprint varbinary(32), algorithm char(2),
      algorithm_desc nvarchar(60) null, key_length int, sid varbinary(85) null, string_sid nvarchar(128) null,
      public_key varbinary(max) null, attested_by nvarchar(260) null, provider_type nvarchar(120) null,
      cryptographic_provider_guid uniqueidentifier null, cryptographic_provider_algid sql_variant null`,
  }),
  view({
    name: 'sys.symmetric_keys',
    columns: `
      name sysname, principal_id int null, symmetric_key_id int, key_length int, key_algorithm char(2),
      algorithm_desc nvarchar(60) null, create_date datetime, modify_date datetime, key_guid uniqueidentifier null,
      key_thumbprint sql_variant null, provider_type nvarchar(120) null,
      cryptographic_provider_guid uniqueidentifier null, cryptographic_provider_algid sql_variant null`,
  }),
  view({
    name: 'sys.dm_database_encryption_keys',
    columns: `
      database_id int null, encryption_state int null, create_date datetime null, regenerate_date datetime null,
      modify_date datetime null, set_date datetime null, opened_date datetime null, key_algorithm nvarchar(32) null,
      key_length int null, encryptor_thumbprint varbinary(20) null, encryptor_type nvarchar(32) null,
      percent_complete real null, encryption_state_desc nvarchar(32) null, encryption_scan_state int null,
      encryption_scan_state_desc nvarchar(32) null, encryption_scan_modify_date datetime null`,
  }),
  view({
    name: 'sys.credentials',
    columns: `
      credential_id int, name sysname, credential_identity nvarchar(4000) null, create_date datetime,
      modify_date datetime, target_type nvarchar(100) null, target_id int null`,
  }),
  view({
    name: 'sys.backup_devices',
    columns: 'name sysname, type tinyint null, type_desc nvarchar(60) null, physical_name nvarchar(260) null',
  }),
  view({
    name: 'sys.extended_properties',
    columns: `
      class tinyint, class_desc nvarchar(60) null, major_id int, minor_id int, name sysname, value sql_variant null`,
  }),
  view({
    name: 'sys.synonyms',
    columns: `
      name sysname, object_id int, principal_id int null, schema_id int, parent_object_id int, type char(2),
      type_desc nvarchar(60) null, create_date datetime, modify_date datetime, is_ms_shipped bit, is_published bit,
      is_schema_published bit, base_object_name nvarchar(1035) null`,
  }),
  view({
    name: 'sys.assemblies',
    columns: `
      name sysname, principal_id int null, assembly_id int, clr_name nvarchar(4000) null, permission_set tinyint null,
      permission_set_desc nvarchar(60) null, is_visible bit, create_date datetime, modify_date datetime,
      is_user_defined bit null`,
  }),
];
